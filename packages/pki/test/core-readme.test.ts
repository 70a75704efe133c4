import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { revealValue } from '@credplex/core';
import { describe, expect, test } from 'vitest';
import * as example from './core-readme-example.ts';

function pem(version: { plain: { certificate: { certificate: string | null } | null } }): X509Certificate {
  return new X509Certificate(version.plain.certificate?.certificate ?? '');
}

describe("the example of core's README", () => {
  test('is what this test runs', () => {
    const readme = readFileSync(join(import.meta.dirname, '../../core/README.md'), 'utf8');
    const shown = readme.split('```ts\n')[1]?.split('```')[0] ?? '';
    const run = readFileSync(join(import.meta.dirname, 'core-readme-example.ts'), 'utf8');
    expect(run.startsWith(shown)).toBe(true);
  });
  test('makes, compares, versions and regenerates passwords', () => {
    expect([example.unchanged, example.outdated]).toEqual([true, false]);
    expect(revealValue(example.first)).toMatch(/^[A-Za-z0-9]{40}$/);
    expect(example.second.number).toBe(2);
    expect(example.second.previous).toBe(example.first);
    expect(example.password).toMatch(/^[A-Za-z0-9]{40}$/);
    expect(example.password).not.toBe(revealValue(example.first));
    expect(example.printed).toBe('<redacted>');
  });
  test('makes users, SSH and RSA keys', () => {
    expect(revealValue(example.user)).toEqual({
      username: 'app',
      password: expect.stringMatching(/^.{30}$/),
      password_hash: expect.stringMatching(/^\$6\$.{8}\$.{86}$/),
    });
    expect(revealValue(example.ssh)).toMatchObject({ public_key: expect.stringMatching(/^ssh-rsa \S+ vm$/) });
    expect(example.rsa.plain.publicKey).toMatch(/^-----BEGIN PUBLIC KEY-----/);
  });
  test('makes chains of certificates that verify, and leaves follow their CA', () => {
    const { root, issuing, newIssuing, leaf, newLeaf } = example;
    expect(pem(issuing).verify(pem(root).publicKey)).toBe(true);
    expect(pem(leaf).verify(pem(issuing).publicKey)).toBe(true);
    expect(pem(newIssuing).verify(pem(root).publicKey)).toBe(true);
    expect(pem(newLeaf).verify(pem(newIssuing).publicKey)).toBe(true);
    expect(pem(newLeaf).subjectAltName).toBe('DNS:web.example.com, IP Address:10.0.0.7');
    expect(example.leafIsCurrent).toBe(false);
    expect(newLeaf.plain.certificate?.ca).toBe(newIssuing.plain.certificate?.certificate);
  });
});
