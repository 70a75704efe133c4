import { execFileSync } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cryptPassword } from './crypt-pool.ts';
import { charactersOf, effectiveLength, randomText, randomUsername } from './password.ts';
import { generateRsaKeyPair } from './rsa.ts';
import { randomSalt, sha512Crypt } from './sha512-crypt.ts';
import { parseSshPublicKey, sshPublicKey } from './ssh.ts';
import { systemEntropy } from './system.ts';

describe('passwords', () => {
  it('hold a character of every enabled class, none of another, and have the asked length', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        fc.integer({ min: 4, max: 200 }),
        (exclude_upper, exclude_lower, exclude_number, include_special, length) => {
          const sets = charactersOf({ exclude_upper, exclude_lower, exclude_number, include_special });
          fc.pre(sets.length > 0);
          const text = randomText(sets, length, systemEntropy);
          expect(text).toHaveLength(length);
          for (const set of sets) expect([...text].some((c) => set.includes(c))).toBe(true);
          expect([...text].every((c) => sets.join('').includes(c))).toBe(true);
        },
      ),
    );
  });
  it('put each class anywhere: no position prefers one', () => {
    const sets = charactersOf({ include_special: true });
    const upperAt = [0, 0, 0, 0];
    for (let i = 0; i < 4000; i++) {
      const at = [...randomText(sets, 4, systemEntropy)].findIndex((c) => c >= 'A' && c <= 'Z');
      upperAt[at] = (upperAt[at] ?? 0) + 1;
    }
    for (const count of upperAt) expect(Math.abs(count - 1000)).toBeLessThan(200);
  });
  it('have 30 characters for lengths outside 4 to 200', () => {
    expect([3, 4, 200, 201, -1, undefined].map(effectiveLength)).toEqual([30, 4, 200, 30, 30, 30]);
  });
  it('user names are 20 letters of both cases', () => {
    expect(randomUsername(systemEntropy)).toMatch(/^(?=.*[a-z])(?=.*[A-Z])[A-Za-z]{20}$/);
  });
});

describe('SHA-512 crypt', () => {
  // From the specification's own test vectors (default rounds) and from crypt(3).
  it.each([
    [
      'Hello world!',
      'saltstring',
      '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjlO/O817G3uBnIFNjnQJuesI68OTLiBFdcbYEdFCoEOfaS35inz1',
    ],
    ['', 'h3b3JsG5', undefined],
    ['p', '........', undefined],
    ['pässwörd 日本 😀', 'aZ0./bcD', undefined],
    ['x'.repeat(64), '12345678', undefined],
    ['y'.repeat(200), '/./././.', undefined],
  ])('of %j is what crypt(3) gives', (password, salt, known) => {
    const mine = sha512Crypt(password, salt);
    if (known) expect(mine).toBe(known);
    const theirs = execFileSync('openssl', ['passwd', '-6', '-salt', salt, '-stdin'], { input: `${password}\n` });
    expect(mine).toBe(theirs.toString().trim());
  });
  it('on threads gives the same, many at once', async () => {
    const jobs = Array.from({ length: 6 }, (_, i) => [`password ${i}`, randomSalt(systemEntropy)] as const);
    expect(await Promise.all(jobs.map(([p, s]) => cryptPassword(p, s)))).toEqual(
      jobs.map(([p, s]) => sha512Crypt(p, s)),
    );
  });
});

describe('RSA and SSH keys', () => {
  it('are PKCS#1 and SubjectPublicKeyInfo PEM of the asked length', async () => {
    const pair = await generateRsaKeyPair(2048);
    expect(pair.publicKey).toMatch(/^-----BEGIN PUBLIC KEY-----\n[\s\S]+-----END PUBLIC KEY-----\n$/);
    expect(pair.privateKey.reveal()).toMatch(
      /^-----BEGIN RSA PRIVATE KEY-----\n[\s\S]+-----END RSA PRIVATE KEY-----\n$/,
    );
    expect(createPublicKey(pair.privateKey.reveal()).export({ type: 'spki', format: 'pem' })).toBe(pair.publicKey);
    expect(createPublicKey(pair.publicKey).asymmetricKeyDetails).toEqual({
      modulusLength: 2048,
      publicExponent: 65537n,
    });
  });
  it('have the public line and fingerprint of ssh-keygen', async () => {
    const { publicKey } = await generateRsaKeyPair(2048);
    const line = sshPublicKey(publicKey, 'my comment');
    expect(parseSshPublicKey(line)).toEqual({
      keyLength: 2048,
      comment: 'my comment',
      fingerprint: expect.stringMatching(/^[A-Za-z0-9+/]{43}$/),
    });
    const printed = execFileSync('ssh-keygen', ['-l', '-f', '-'], { input: `${line}\n` }).toString();
    expect(printed).toBe(`2048 SHA256:${parseSshPublicKey(line)?.fingerprint} my comment (RSA)\n`);
    expect(sshPublicKey(publicKey, null)).not.toMatch(/\s$/);
  });
  it.each([
    '',
    'ssh-rsa ',
    'ssh-rsa not-a-key comment',
    'ssh-rsa AAAA',
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA',
    'ssh-rsa AAAAB3NzaC1yc2H/////',
    'junk',
  ])('no fingerprint for %j', (text) => {
    expect(parseSshPublicKey(text)).toBeUndefined();
  });
  it('a caller that gives up leaves the queue and the others go on', async () => {
    const abort = new AbortController();
    const jobs = [1, 2, 3, 4, 5].map((i) => generateRsaKeyPair(2048, i === 5 ? abort.signal : undefined));
    abort.abort();
    const results = await Promise.allSettled(jobs);
    expect(results.map((r) => r.status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'fulfilled', 'rejected']);
  });
});
