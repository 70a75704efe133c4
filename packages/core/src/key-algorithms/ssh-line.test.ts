import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { secret } from '../secret.ts';
import { generateKey, getKeyType, SSH_KEY_TYPES } from './index.ts';
import { parseSshPublicKey, sshKeyPair } from './ssh-line.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'credplex-ssh-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A public key made by OpenSSH, and its fingerprint in OpenSSH's words. */
function keyOf(kind: string, bits: string): { line: string; fingerprint: string } {
  const file = join(mkdtempSync(join(folder, 'key-')), kind);
  execFileSync('ssh-keygen', ['-q', '-t', kind, '-b', bits, '-N', '', '-C', 'a comment', '-f', file]);
  return { line: readFileSync(`${file}.pub`, 'utf8').trim(), fingerprint: fingerprintOf(`${file}.pub`) };
}

function fingerprintOf(file: string): string {
  const shown = execFileSync('ssh-keygen', ['-l', '-E', 'sha256', '-f', file], { encoding: 'utf8' });
  return /SHA256:(\S+)/.exec(shown)?.[1] ?? expect.fail(shown);
}

test.each([
  ['rsa', '2048', 'rsa'],
  ['ecdsa', '256', 'ecdsa-p256'],
  ['ecdsa', '384', 'ecdsa-p384'],
  ['ecdsa', '521', undefined],
  ['ed25519', '256', 'ed25519'],
])('of an %s key of %s bits, type, bits, comment and the fingerprint of ssh-keygen are read', (kind, bits, type) => {
  const { line, fingerprint } = keyOf(kind, bits);
  const read = {
    type,
    bits: Number(bits),
    comment: 'a comment',
    fingerprint,
    hasFingerprintWhenSet: kind !== 'ed25519',
  };
  expect(parseSshPublicKey(line)).toEqual(read);
  expect(parseSshPublicKey(`${line}\n`)).toEqual(read);
  expect(parseSshPublicKey(line.replace(' a comment', ''))).toEqual({ ...read, comment: null });
});

test('an ECDSA key whose blob is of another curve, cut off or no point is not read', () => {
  const { line } = keyOf('ecdsa', '256');
  const [kind = '', encoded = ''] = line.split(' ');
  const of = (name: string, blob: Buffer) => parseSshPublicKey(`${name} ${blob.toString('base64')}`);
  const blob = Buffer.from(encoded, 'base64');
  expect(of(kind, blob)).toBeDefined();
  expect(of('ecdsa-sha2-nistp384', blob)).toBeUndefined();
  expect(of(kind, blob.subarray(0, -1))).toBeUndefined();
  const compressed = Buffer.from(blob);
  compressed[blob.length - 65] = 2;
  expect(of(kind, compressed)).toBeUndefined();
  expect(parseSshPublicKey(`${kind} junk!`)).toBeUndefined();
});

test.each([
  '',
  'ssh-rsa',
  'ssh-rsa ',
  'ssh-rsa not-a-key comment',
  'ssh-rsa AAAA',
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA',
  'ssh-rsa AAAAB3NzaC1yc2H/////',
  'sk-ssh-ed25519@openssh.com AAAA',
  'junk',
])('%j is no public key', (text) => {
  expect(parseSshPublicKey(text)).toBeUndefined();
});

// Comments of several lengths, because the private key is padded to blocks.
test.each(
  SSH_KEY_TYPES.flatMap((type) => ['', 'a', 'ab c', 'zwölf', 'me@host 1'].map((comment) => [type, comment] as const)),
)('ssh-keygen -y reads a generated %s key with comment %j', async (type, comment) => {
  const [bits] = getKeyType(type).sizes;
  const pair = sshKeyPair(await generateKey({ type, bits }), comment);
  const file = join(mkdtempSync(join(folder, 'own-')), 'key');
  writeFileSync(file, pair.privateKey.reveal(), { mode: 0o600 });
  const derived = execFileSync('ssh-keygen', ['-y', '-P', '', '-f', file], { encoding: 'utf8' }).trim();
  const isOpenSsh = type !== 'rsa';
  expect(pair.privateKey.reveal().startsWith('-----BEGIN OPENSSH PRIVATE KEY-----\n')).toBe(isOpenSsh);
  expect(derived.split(' ').slice(0, 2)).toEqual(pair.publicKey.split(' ').slice(0, 2));
  if (isOpenSsh) expect(derived).toBe(pair.publicKey);
  writeFileSync(`${file}.pub`, `${pair.publicKey}\n`);
  expect(parseSshPublicKey(pair.publicKey)).toMatchObject({
    type,
    bits,
    comment: comment || null,
    fingerprint: fingerprintOf(`${file}.pub`),
  });
});

test('an RSA key has the public line that ssh-keygen prints', () => {
  // One key, written by ssh-keygen in both forms; fingerprint by `ssh-keygen -l`.
  const pem = [
    '-----BEGIN PUBLIC KEY-----',
    'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAyUNSBqsEBPk2XL4ZEzNt',
    'Qu4QLgCy51zzDE2POEt3FpFoLN1nP4fEtU3bSbDcVsnYTBpmLj1KS7zMTJs3445e',
    '83Vn4Ktudy1UrfVDD5VL0qswQyAP4vAab0rd3x7xWR6doIiHE8ldH/bFMt4KP4FK',
    'C/SqjeAWfto99ib8I9t+izIboHA+cYsEM6HZ8ipzShFV4lo9B7Me3HuDepppeynT',
    'zvmpXuzOM5XU+3yBW2MI+uVlfj3PHboDWZlqOv0UEbXWThRc9Yjs46i1bsm5Qp4v',
    'g+Uee8p0NM6e3G3/EGrtfovXIV8JIh1Zpx0O2X3FeEjEe6CFoRQSHXLFzgY2g/6g',
    'NQIDAQAB',
    '-----END PUBLIC KEY-----',
  ].join('\n');
  const line =
    'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDJQ1IGqwQE+TZcvhkTM21C7hAuALLnXPMMTY84S3cWkWgs3Wc/h8S1TdtJsNxWydhMGmYuPUpLvMxMmzfjjl7zdWfgq253LVSt9UMPlUvSqzBDIA/i8BpvSt3fHvFZHp2giIcTyV0f9sUy3go/gUoL9KqN4BZ+2j32Jvwj236LMhugcD5xiwQzodnyKnNKEVXiWj0Hsx7ce4N6mml7KdPO+ale7M4zldT7fIFbYwj65WV+Pc8dugNZmWo6/RQRtdZOFFz1iOzjqLVuyblCni+D5R57ynQ0zp7cbf8Qau1+i9chXwkiHVmnHQ7ZfcV4SMR7oIWhFBIdcsXOBjaD/qA1 my comment';
  const lineOf = (comment: string | null) =>
    sshKeyPair({ publicKey: pem, privateKey: secret('unused') }, comment).publicKey;
  expect(lineOf('my comment')).toBe(line);
  expect(lineOf(null)).toBe(line.replace(' my comment', ''));
  const parsed = { type: 'rsa', bits: 2048, fingerprint: 'PzA0thtUK9Q2okIDO0b28I1TtpJTBw0U3e5rtEiWqs8' };
  expect(parseSshPublicKey(`${line}\n`)).toMatchObject({ ...parsed, comment: 'my comment' });
  expect(parseSshPublicKey(lineOf(''))).toMatchObject({ ...parsed, comment: null });
});
