import { generateKeyPairSync } from 'node:crypto';
import { EXTENDED_KEY_USAGES, KEY_USAGES, Secret } from '@credplex/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { der, EKU, issue, KU, keys, NOW, pki, profile, SAN, signedBy } from '../test/issuing.ts';
import { noOpenssl, openssl } from '../test/openssl.ts';
import { fixture } from '../test/recorded.ts';
import { readCertificate } from './certificate.ts';
import { hexOf } from './der-read.ts';

describe.skipIf(noOpenssl)('openssl accepts', () => {
  const make = async (): Promise<Record<'root' | 'intermediate' | 'leaf', string>> => {
    const authority = { isCa: true, keyUsage: ['key_cert_sign', 'crl_sign'] as const };
    const root = await issue({
      profile: profile({ ...authority, subject: { common_name: 'Root, "quoted" + Ünï=<>;#' } }),
      ...keys.root,
    });
    const intermediate = await issue({
      profile: profile({ ...authority, subject: { common_name: 'int', organization: 'O', country: 'DE' } }),
      ...keys.intermediate,
      signer: signedBy(root, keys.root),
    });
    const leaf = await issue({
      profile: profile({
        subject: { common_name: 'leaf.example.com' },
        alternativeNames: ['leaf.example.com', '*.example.com', '10.1.1.1', '2001:db8::1'],
        keyUsage: ['digital_signature', 'key_encipherment'],
        extendedKeyUsage: ['server_auth', 'client_auth'],
      }),
      signer: signedBy(intermediate, keys.intermediate),
    });
    return { root, intermediate, leaf };
  };

  const verify = (files: Record<string, string>, ...args: string[]): string =>
    openssl(files, 'verify', '-x509_strict', '-attime', String(Math.trunc(NOW.getTime() / 1000) + 60), ...args);

  test('a root, an intermediate and a leaf, strictly, for server and client', async () => {
    const chain = await make();
    expect(verify(chain, '-CAfile', '{root}', '{root}')).toContain('OK');
    expect(verify(chain, '-CAfile', '{root}', '{intermediate}')).toContain('OK');
    for (const purpose of ['sslserver', 'sslclient']) {
      const args = ['-purpose', purpose, '-verify_hostname', 'a.example.com', '-CAfile', '{root}'];
      expect(verify(chain, ...args, '-untrusted', '{intermediate}', '{leaf}')).toContain('OK');
    }
    expect(
      verify(chain, '-verify_ip', '2001:db8::1', '-CAfile', '{root}', '-untrusted', '{intermediate}', '{leaf}'),
    ).toContain('OK');
    expect(pki.isSignedBy(chain.leaf, chain.intermediate)).toBe(true);
    expect(pki.isSignedBy(chain.leaf, chain.root)).toBe(false);
  });

  test('and prints what was asked for', async () => {
    const { leaf, root } = await make();
    const text = openssl({ leaf }, 'x509', '-in', '{leaf}', '-noout', '-text');
    for (const line of [
      'Version: 3 (0x2)',
      'Signature Algorithm: sha256WithRSAEncryption',
      'DNS:leaf.example.com, DNS:*.example.com, IP Address:10.1.1.1, IP Address:2001:DB8:0:0:0:0:0:1',
      'X509v3 Key Usage: critical',
      'Digital Signature, Key Encipherment',
      'TLS Web Server Authentication, TLS Web Client Authentication',
      'X509v3 Basic Constraints: critical',
      'CA:FALSE',
    ]) {
      expect(text).toContain(line);
    }
    const subject = openssl({ root }, 'x509', '-in', '{root}', '-noout', '-subject', '-nameopt', 'utf8,sep_comma_plus');
    expect(subject.trim()).toBe('subject=CN=Root, "quoted" + Ünï=<>;#');
  });

  test('chains of elliptic curves and Ed25519, and leaves with such keys', async () => {
    for (const [kind, options, key] of [
      ['ec', { namedCurve: 'P-256' }, { type: 'ecdsa-p256', bits: 256 }],
      ['ec', { namedCurve: 'P-384' }, { type: 'ecdsa-p384', bits: 384 }],
      ['ec', { namedCurve: 'P-521' }, { type: undefined, bits: 521 }],
      ['ed25519', {}, { type: 'ed25519', bits: 256 }],
    ] as const) {
      const pair = generateKeyPairSync(kind as 'ec', options as { namedCurve: string });
      const ca = {
        publicKey: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
        privateKey: new Secret(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
      };
      const root = await issue({ profile: profile({ isCa: true, keyUsage: ['key_cert_sign'] }), ...ca });
      const leaf = await issue({ profile: profile({ subject: { common_name: 'leaf' } }), signer: signedBy(root, ca) });
      expect(verify({ root, leaf }, '-CAfile', '{root}', '{leaf}')).toContain('OK');
      expect(pki.parse(root)).toMatchObject({ key, selfSigned: true, isCa: true });
      expect(pki.isSignedBy(leaf, root)).toBe(true);
    }
  });

  test('certificates with empty extensions and strange names, as text', async () => {
    const odd = [
      profile({ keyUsage: [], extendedKeyUsage: [], alternativeNames: [] }),
      profile({ alternativeNames: ['', '*', 'bücher.example.com', 'a.com.'] }),
      profile({ subject: { common_name: 'a\0b', organization: '\u202e', locality: '𝒳' } }),
    ];
    for (const each of odd) {
      const pem = await issue({ profile: each });
      expect(openssl({ pem }, 'x509', '-in', '{pem}', '-noout', '-text')).toContain('Version: 3');
    }
  });
});

describe('what was issued reads back', () => {
  const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 64 });
  const subjects = fc.record(
    { common_name: text, organization: text, organization_unit: text, locality: text, state: text, country: text },
    { requiredKeys: ['common_name'] },
  );
  const profiles = fc.record({
    subject: subjects,
    alternativeNames: fc.option(
      fc.array(fc.oneof(fc.domain(), fc.ipV4(), fc.constantFrom('*.x.org', '2001:db8::1')), { maxLength: 5 }),
    ),
    keyUsage: fc.option(fc.subarray([...KEY_USAGES])),
    extendedKeyUsage: fc.option(fc.array(fc.constantFrom(...EXTENDED_KEY_USAGES), { maxLength: 4 })),
    isCa: fc.boolean(),
  });

  test('as the same profile', async () => {
    await fc.assert(
      fc.asyncProperty(profiles, fc.integer({ min: 1, max: 3650 }), async (asked, durationDays) => {
        const parsed = pki.parse(await issue({ profile: asked, durationDays }));
        expect(parsed.profile).toEqual(asked);
        expect(parsed).toMatchObject({
          durationDays,
          selfSigned: true,
          isCa: asked.isCa,
          key: { type: 'rsa', bits: 2048 },
        });
        expect(parsed.subjectKey).toBe(pki.subjectKey(asked.subject));
        expect(parsed.publicKey).toBe(keys.leaf.publicKey);
      }),
      { numRuns: 60 },
    );
  });

  test.each(['rich', 'ca1', 'leaf1', 'longca', 'nobc', 'ec'])(
    'a regenerate of the fixture %s keeps its words',
    async (name) => {
      const before = fixture(name);
      const { profile: kept, durationDays } = pki.parse(before);
      const after = await issue({ profile: kept, durationDays });
      expect(pki.parse(after).profile).toEqual(kept);
      expect(pki.parse(after).durationDays).toBe(durationDays);
      const [old, made] = [readCertificate(der(before)), readCertificate(der(after))];
      expect(hexOf(made.subject)).toBe(hexOf(old.subject));
      for (const id of [SAN, EKU, KU]) {
        expect(hexOf(made.extensions.get(id) ?? new Uint8Array())).toBe(
          hexOf(old.extensions.get(id) ?? new Uint8Array()),
        );
      }
    },
  );
});
