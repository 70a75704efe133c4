import { X509Certificate } from 'node:crypto';
import { Secret, type Signer, type SubjectFields } from '@credplex/core';
import { describe, expect, test } from 'vitest';
import {
  AKI,
  BC,
  DAY,
  der,
  EKU,
  extensionsOf,
  issue,
  KU,
  keys,
  NOW,
  pki,
  profile,
  SAN,
  SKI,
  signedBy,
  v1Authority,
} from '../test/issuing.ts';
import { noOpenssl } from '../test/openssl.ts';
import { fixture, generateCertificate, type IssuedCase, rsaKeys } from '../test/recorded.ts';
import { readCertificate } from './certificate.ts';
import { hexOf } from './der-read.ts';
import { keyIdentifier } from './extensions.ts';
import { createPki } from './index.ts';

describe('a certificate holds what CredHub put into its own', () => {
  const repeat = (text: unknown): unknown =>
    typeof text === 'string' ? text.replace(/\{\{rep:x:(\d+)\}\}/, (_, n: string) => 'x'.repeat(Number(n))) : text;

  test.each<IssuedCase>(generateCertificate.issued)(
    '$name: $parameters',
    async ({ parameters, subject, days, exts }) => {
      const fields = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, repeat(value)]));
      const asked = fields as SubjectFields & { [name: string]: never };
      const pem = await issue({
        profile: {
          subject: asked,
          alternativeNames: asked.alternative_names ?? null,
          keyUsage: asked.key_usage ?? null,
          extendedKeyUsage: asked.extended_key_usage ?? null,
          isCa: String(asked.is_ca) === 'true',
        },
        durationDays: days,
      });
      const x509 = new X509Certificate(pem);
      expect(x509.subject.replaceAll('\n', ',')).toBe(repeat(subject));
      const dotted = (id: string): string => `2.5.29.${Number.parseInt(id.slice(4), 16)}`;
      const got = extensionsOf(pem).map(([id, critical, content]) => ({ oid: dotted(id), critical, der: content }));
      expect(got.map(({ oid }) => oid).sort()).toEqual(exts.map(({ oid }) => oid).sort());
      for (const expected of exts) expect(got).toContainEqual(expect.objectContaining(expected));
      expect((x509.validToDate.getTime() - x509.validFromDate.getTime()) / DAY).toBe(days);
    },
  );
});

describe('the extensions', () => {
  const all = profile({
    alternativeNames: ['a.com'],
    keyUsage: ['digital_signature'],
    extendedKeyUsage: ['client_auth'],
  });

  test('come in the order SKI, SAN, KU, EKU, AKI, BC; key usage and basic constraints are critical', async () => {
    const got = extensionsOf(await issue({ profile: all })).map(([id, critical]) => [id, critical]);
    expect(got).toEqual([
      [SKI, false],
      [SAN, false],
      [KU, true],
      [EKU, false],
      [AKI, false],
      [BC, true],
    ]);
  });

  test('name the key by the SHA-1 of its bits, and the issuer by its own identifier alone', async () => {
    const ca = await issue({ profile: profile({ isCa: true }), ...keys.root });
    const leaf = await issue({ signer: signedBy(ca, keys.root) });
    const caId = hexOf(keyIdentifier(readCertificate(der(ca)).publicKeyInfo));
    const leafId = hexOf(keyIdentifier(readCertificate(der(leaf)).publicKeyInfo));
    expect(extensionsOf(leaf)).toEqual([
      [SKI, false, `0414${leafId}`],
      [AKI, false, `30168014${caId}`],
      [BC, true, '3000'],
    ]);
    expect(extensionsOf(ca)).toContainEqual([AKI, false, `30168014${caId}`]);
  });

  test('leave out the authority key identifier when the CA has no identifier', async () => {
    const leaf = await issue({ signer: signedBy(fixture('rsa1024'), rsaKeys('rsa1024_key')) });
    const hasId = readCertificate(der(fixture('rsa1024'))).extensions.has(SKI);
    expect(extensionsOf(leaf).some(([id]) => id === AKI)).toBe(hasId);
  });

  test.skipIf(noOpenssl)('leave it out as well when the CA is of X.509 version 1', async () => {
    const v1 = v1Authority();
    const ofV1 = await issue({ signer: signedBy(v1.certificate, v1) });
    expect(extensionsOf(ofV1).map(([id]) => id)).toEqual([SKI, BC]);
    expect(pki.isSignedBy(ofV1, v1.certificate)).toBe(true);
  });

  test.each([
    ['key usage', { keyUsage: [] }, KU, '030100'],
    ['extended key usage', { extendedKeyUsage: [] }, EKU, '3000'],
    ['alternative names', { alternativeNames: [] }, SAN, '3000'],
  ])('an empty list of %s gives an empty extension', async (_, change, id, content) => {
    const pem = await issue({ profile: profile(change) });
    expect(extensionsOf(pem)).toContainEqual([id, id === KU, content]);
    expect(pki.parse(pem).profile).toMatchObject(change);
  });
});

describe('what a certificate says besides', () => {
  test('its serial number is positive and of at most 20 octets, whatever the entropy', async () => {
    for (const [octets, serial] of [
      [new Uint8Array(20).fill(0xff), `7F${'FF'.repeat(19)}`],
      [new Uint8Array(20), '01'],
      [Uint8Array.of(0x80, ...new Array<number>(18).fill(0), 0x80), '80'],
    ] as const) {
      const fixed = createPki({ entropy: { bytes: () => octets } });
      const pem = await fixed.issue({
        profile: profile(),
        ...keys.leaf,
        signer: { self: true },
        notBefore: NOW,
        durationDays: 1,
      });
      expect(new X509Certificate(pem).serialNumber).toBe(serial);
    }
    const two = [await issue(), await issue()].map((pem) => new X509Certificate(pem).serialNumber);
    expect(two[0]).not.toBe(two[1]);
  });

  test('it begins at the second given and lasts whole days of 24 hours', async () => {
    const { notBefore, notAfter, durationDays } = pki.parse(await issue({ durationDays: 3650 }));
    expect(notBefore.toISOString()).toBe('2026-11-22T08:00:00.000Z');
    expect(notAfter.getTime() - notBefore.getTime()).toBe(3650 * DAY);
    expect(durationDays).toBe(3650);
  });

  test.each([
    [0, '2026-11-22T08:00:00.000Z'],
    [-5, '2026-11-22T08:00:00.000Z'],
    [99_999, '2300-09-06T08:00:00.000Z'],
    [2 ** 31, '9999-12-31T23:59:59.000Z'],
  ])('%d days end at %s', async (durationDays, end) => {
    expect(pki.parse(await issue({ durationDays })).notAfter.toISOString()).toBe(end);
  });

  test('its issuer is the subject of the CA, byte for byte', async () => {
    const leaf = await issue({ signer: signedBy(fixture('ca1'), rsaKeys('ca1_key')) });
    expect(hexOf(readCertificate(der(leaf)).issuer)).toBe(hexOf(readCertificate(der(fixture('ca1'))).subject));
  });

  test('its PEM has 64 columns and ends with a newline', async () => {
    const lines = (await issue()).split('\n');
    expect(lines.at(-1)).toBe('');
    expect(lines.slice(1, -3).every((line) => line.length === 64)).toBe(true);
  });

  test('a bundle as CA signs with its first certificate', async () => {
    const leaf = await issue({ signer: signedBy(fixture('ca_bundle'), rsaKeys('ca1_key')) });
    expect(pki.isSignedBy(leaf, fixture('ca1'))).toBe(true);
    expect(pki.isSignedBy(leaf, fixture('ca2'))).toBe(false);
  });
});

describe('a signer that cannot sign', () => {
  const code = (signer: Signer): Promise<string> =>
    issue({ signer }).then(
      () => 'issued',
      (error: { code: string }) => error.code,
    );

  test.each([
    ['no key', fixture('ca1'), '', 'signer_key'],
    ['a key of another certificate', fixture('ca1'), fixture('other_key'), 'signer_key'],
    ['an encrypted key', fixture('ca1'), fixture('leaf1_key_encrypted_pkcs1'), 'signer_key'],
    ['a broken certificate', 'x', fixture('ca1_key'), 'certificate_value'],
  ])('%s', async (_, certificate, key, expected) => {
    expect(await code({ self: false, certificate, privateKey: new Secret(key) })).toBe(expected);
  });

  test('a private key that is not the own one', async () => {
    await expect(issue({ ...keys.leaf, privateKey: keys.root.privateKey })).rejects.toMatchObject({
      code: 'signer_key',
    });
  });
});
