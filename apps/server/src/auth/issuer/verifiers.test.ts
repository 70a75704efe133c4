import { secret } from '@credplex/core';
import { describe, expect, test } from 'vitest';
import { TooManyLogins } from '../../concurrency-limit.ts';
import { createVerifiers, generatedVerifier, generateSecret, PUBLIC_CLIENT } from './verifiers.ts';

describe('verifiers', () => {
  const verifiers = createVerifiers();

  test('a chosen secret is stored as salted argon2id, and only that secret matches', async () => {
    const one = await verifiers.createChosen(secret('correct horse'));
    const two = await verifiers.createChosen(secret('correct horse'));
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(two);
    expect(one).not.toContain('horse');
    expect(await verifiers.check(secret('correct horse'), one)).toBe(true);
    expect(await verifiers.check(secret('correct horse '), one)).toBe(false);
    expect(await verifiers.check(secret(''), one)).toBe(false);
  });

  test('a generated secret is stored as SHA-256', async () => {
    const made = generateSecret();
    expect(made.reveal()).toMatch(/^[A-Za-z0-9]{32}$/);
    const verifier = generatedVerifier(made);
    expect(await verifiers.check(made, verifier)).toBe(true);
    expect(await verifiers.check(secret('x'), verifier)).toBe(false);
  });

  test('a public client has the empty secret and no other', async () => {
    expect(await verifiers.check(secret(''), PUBLIC_CLIENT)).toBe(true);
    expect(await verifiers.check(secret('x'), PUBLIC_CLIENT)).toBe(false);
  });

  test('a name that does not exist, and a verifier that cannot be read, refuse every secret', async () => {
    expect(await verifiers.check(secret('x'), undefined)).toBe(false);
    expect(await verifiers.check(secret('x'), 'md5:zzz')).toBe(false);
  });

  test('logins beyond the queue are refused, and those within it are all answered', async () => {
    const wave = Array.from({ length: 70 }, () => verifiers.check(secret('x'), undefined));
    const ends = await Promise.allSettled(wave);
    const refused = ends.filter((end) => end.status === 'rejected' && end.reason instanceof TooManyLogins);
    expect(refused.length).toBe(4);
    expect(ends.filter((end) => end.status === 'fulfilled').length).toBe(66);
  });
});
