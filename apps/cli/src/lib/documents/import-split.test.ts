import { expect, test } from 'vitest';
import { splitCredentialList } from './import-split.ts';

test('items are cut with the comments and blank lines behind them', () => {
  const text =
    '# a\n---\n\ncredentials: # b\n# c\n  - name: /a\n    value: |+\n      x\n\n  # d\n  -\n    name: /b\n...\nmore\n';
  expect(splitCredentialList(text)).toEqual(['  - name: /a\n    value: |+\n      x\n\n  # d\n', '  -\n    name: /b\n']);
});

test.each([
  '',
  'credentials: []\n',
  'x: 1\ncredentials:\n- a\n',
  'credentials:\n- a\nx: 1\n',
  '%YAML 1.2\n---\ncredentials:\n- a\n',
])('%j is read as a whole', (text) => {
  expect(splitCredentialList(text)).toBeUndefined();
});
