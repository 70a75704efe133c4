import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sshFingerprint } from './ssh.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'credplex-ssh-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A public key made by OpenSSH, and its fingerprint in OpenSSH's words. */
function keyOf(kind: string, bits: string): { line: string; fingerprint: string } {
  const file = join(mkdtempSync(join(folder, 'key-')), kind);
  execFileSync('ssh-keygen', ['-q', '-t', kind, '-b', bits, '-N', '', '-C', 'a comment', '-f', file]);
  const shown = execFileSync('ssh-keygen', ['-l', '-E', 'sha256', '-f', `${file}.pub`], { encoding: 'utf8' });
  const fingerprint = /SHA256:(\S+)/.exec(shown)?.[1] ?? expect.fail(shown);
  return { line: readFileSync(`${file}.pub`, 'utf8').trim(), fingerprint };
}

test.each([
  ['rsa', '2048'],
  ['ecdsa', '256'],
  ['ecdsa', '384'],
  ['ecdsa', '521'],
])('the fingerprint of an %s key of %s bits is what ssh-keygen prints', (kind, bits) => {
  const { line, fingerprint } = keyOf(kind, bits);
  expect(sshFingerprint(line)).toBe(fingerprint);
  expect(sshFingerprint(`${line}\n`)).toBe(fingerprint);
  expect(sshFingerprint(line.replace(' a comment', ''))).toBe(fingerprint);
});

test('an ECDSA key whose blob is of another curve, cut off or no point has no fingerprint', () => {
  const { line } = keyOf('ecdsa', '256');
  const [kind = '', encoded = ''] = line.split(' ');
  const of = (name: string, blob: Buffer) => sshFingerprint(`${name} ${blob.toString('base64')}`);
  const blob = Buffer.from(encoded, 'base64');
  expect(of(kind, blob)).toBeDefined();
  expect(of('ecdsa-sha2-nistp384', blob)).toBeUndefined();
  expect(of(kind, blob.subarray(0, -1))).toBeUndefined();
  const compressed = Buffer.from(blob);
  compressed[blob.length - 65] = 2;
  expect(of(kind, compressed)).toBeUndefined();
  expect(sshFingerprint(`${kind} junk!`)).toBeUndefined();
});

test('a key of another kind has no fingerprint, as with CredHub', () => {
  expect(sshFingerprint(keyOf('ed25519', '256').line)).toBeUndefined();
});
