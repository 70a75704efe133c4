import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { CommandFailure } from '../failure.ts';
import { certificatesOrValue, fileOrValue } from './file-or-value.ts';

function givenFile(content: string | Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'credhub-file-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'key.pem'), content);
  return folder;
}

test('a file is its content, everything else itself with line breaks', () => {
  const folder = givenFile('ünï\\n\n');
  expect(fileOrValue(folder, 'key.pem')).toBe('ünï\\n\n');
  expect(fileOrValue(folder, 'a\\nb')).toBe('a\nb');
});

test('a file that is not UTF-8 text is refused with the place, and never becomes another text', () => {
  const folder = givenFile(Buffer.from([0x61, 0x62, 0xe9, 0x0a]));
  expect(() => fileOrValue(folder, 'key.pem')).toThrow(
    new CommandFailure(
      "The referenced file 'key.pem' is not UTF-8 text: wrong byte at offset 2. Please convert the file and retry your request.",
    ),
  );
});

test('certificates of authorities may have comments in any encoding', () => {
  const folder = givenFile(Buffer.concat([Buffer.from([0xe9]), Buffer.from('\n-----BEGIN CERTIFICATE-----\n')]));
  expect(certificatesOrValue(folder, 'key.pem')).toContain('-----BEGIN CERTIFICATE-----\n');
});
