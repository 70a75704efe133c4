import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { certificatesIn } from './trust.ts';

const PEM = readFileSync(new URL('../../../test/testdata/tls.crt', import.meta.url), 'utf8').trim();
const NONSENSE = '-----BEGIN CERTIFICATE-----\nbm9uc2Vuc2U=\n-----END CERTIFICATE-----';

test('certificates are found among other text, and what only looks like one is none', () => {
  expect(certificatesIn(`note\n${PEM}\n${NONSENSE}\n${PEM}\r\n`)).toEqual([PEM, PEM]);
  expect(certificatesIn(NONSENSE)).toEqual([]);
  expect(certificatesIn('')).toEqual([]);
});
