import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readRelease } from './release.ts';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';

function clone(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'credplex-release-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(root, '.git', name, '..'), { recursive: true });
    writeFileSync(join(root, '.git', name), text);
  }
  return root;
}

describe('the release', () => {
  test.each([
    ['a branch', { HEAD: 'ref: refs/heads/main\n', 'refs/heads/main': `${COMMIT}\n` }],
    ['a packed branch', { HEAD: 'ref: refs/heads/main\n', 'packed-refs': `# pack\n${COMMIT} refs/heads/main\n` }],
    ['a detached head', { HEAD: `${COMMIT}\n` }],
  ])('in a clone on %s names the commit', (_, files) => {
    const release = readRelease(clone(files));
    expect(release).toMatchObject({ version: expect.stringMatching(/^\d+\.\d+\.\d+/), commit: COMMIT });
    expect(release.date).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  test('outside a clone has no commit, and a time all the same', () => {
    expect(readRelease(clone({}))).toMatchObject({ commit: 'unknown' });
  });
});
