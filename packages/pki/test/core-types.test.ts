/** Tests core's certificate and rsa types with the real X.509 implementation: converge, regenerate and set. */
import { X509Certificate } from 'node:crypto';
import { createGenerator, revealValue, systemEntropy, type Version } from '@credplex/core';
import { createPki } from '@credplex/pki';
import { beforeAll, describe, expect, test } from 'vitest';

const pki = createPki({ entropy: systemEntropy });
const generator = createGenerator({ pki });
function refusal(code: string) {
  return expect.objectContaining({ code });
}

function x509(version: Version) {
  return new X509Certificate(version.plain.certificate?.certificate ?? '');
}

function days(version: Version): number {
  const { validToDate, validFromDate } = x509(version);
  return (validToDate.getTime() - validFromDate.getTime()) / 86_400_000;
}

function certificate(parameters: Record<string, unknown>, more: { signedBy?: Version; name?: string } = {}) {
  return generator.generate({ name: '/c', type: 'certificate', parameters, ...more });
}

let root: Version;
let other: Version;
beforeAll(async () => {
  root = await certificate({ common_name: 'root', is_ca: true, key_usage: ['key_cert_sign'] }, { name: '/root' });
  other = await certificate({ common_name: 'other', is_ca: true }, { name: '/other' });
});

describe('rsa', () => {
  test('converges by the length of the stored key and keeps it when regenerated', async () => {
    const made = await generator.generate({ name: '/r', type: 'rsa', parameters: { key_length: 3072 } });
    const next = await generator.regenerate(made);
    expect(generator.converges(next, { parameters: { key_length: 3072 } })).toBe(true);
    expect(generator.converges(next, {})).toBe(false);
  });
  test('that is junk never converges and is regenerated with 2048 bits', async () => {
    const junk = await generator.set({ name: '/r', type: 'rsa', value: { public_key: 'junk' } });
    expect(generator.converges(junk, {})).toBe(false);
    expect(generator.converges(await generator.regenerate(junk), {})).toBe(true);
  });
});

describe('a certificate converges', () => {
  const base = {
    common_name: 'One Two',
    organization: 'O',
    self_sign: true,
    alternative_names: ['a.example.com', '::1'],
    key_usage: ['crl_sign', 'key_agreement'],
    extended_key_usage: ['server_auth', 'client_auth'],
  };
  const cases: [string, Record<string, unknown>, boolean][] = [
    ['with the same parameters', {}, true],
    ['whatever the duration', { duration: 100 }, true],
    ['with the subject in other case and blanks', { common_name: 'one  TWO' }, true],
    ['with key usages in another order', { key_usage: ['key_agreement', 'crl_sign'] }, true],
    ['with an address spelled otherwise', { alternative_names: ['a.example.com', '0:0:0:0:0:0:0:1'] }, true],
    ['not with another organization', { organization: 'P' }, false],
    ['not with another subject field', { locality: 'L' }, false],
    ['not with names in another order', { alternative_names: ['::1', 'a.example.com'] }, false],
    ['not with a name in other case', { alternative_names: ['A.example.com', '::1'] }, false],
    ['not with extended usages in another order', { extended_key_usage: ['client_auth', 'server_auth'] }, false],
    ['not with another key length', { key_length: 3072 }, false],
    ['not as a CA', { is_ca: true }, false],
    ['not with no key usage for some', { key_usage: null }, false],
    ['not with no key usage for an empty list', { key_usage: [] }, false],
  ];
  let made: Version;
  beforeAll(async () => {
    made = await certificate(base);
  });
  test.each(cases)('%s', (_title, changed, same) => {
    expect(generator.converges(made, { parameters: { ...base, ...changed } })).toBe(same);
  });
  test('with its CA while that is the current one, by name in any case', async () => {
    const parameters = { common_name: 'leaf' };
    const leaf = await certificate(parameters, { signedBy: root });
    const renamed = { ...root, name: '/ROOT' };
    expect(generator.converges(leaf, { parameters, signedBy: root })).toBe(true);
    expect(generator.converges(leaf, { parameters, signedBy: renamed })).toBe(true);
    expect(generator.converges(leaf, { parameters, signedBy: other })).toBe(false);
    expect(generator.converges(leaf, { parameters: { ...parameters, self_sign: true } })).toBe(false);
    expect(generator.converges(leaf, { parameters, signedBy: await generator.regenerate(root) })).toBe(false);
  });
  test('never when it was set without a certificate that can be read', async () => {
    const set = await generator.set({ name: '/c', type: 'certificate', value: revealValue(made) });
    expect(generator.converges(set, { parameters: base })).toBe(true);
  });
});

describe('a regenerated certificate', () => {
  test('keeps subject, names, usages, CA flag, key length, duration and signer', async () => {
    const parameters = {
      common_name: 'a, b + "c"',
      country: 'U',
      alternative_names: ['*.example.com'],
      extended_key_usage: ['timestamping'],
      key_length: 3072,
      duration: 44,
    };
    const leaf = await certificate(parameters, { signedBy: root });
    const next = await generator.regenerate(leaf, { signedBy: root });
    expect(x509(next).subject).toBe(x509(leaf).subject);
    expect(x509(next).subjectAltName).toBe('DNS:*.example.com');
    expect(days(next)).toBe(44);
    expect(generator.converges(next, { parameters, signedBy: root })).toBe(true);
    expect(x509(next).verify(x509(root).publicKey)).toBe(true);
    expect(next.plain.certificate).toMatchObject({ caName: '/root', selfSigned: false, generated: true });
  });
  test('takes another key length and duration; a negative one ends as it begins', async () => {
    const made = await certificate({ common_name: 'a', self_sign: true });
    const next = await generator.regenerate(made, { keyLength: 3072, duration: 5000 });
    expect([x509(next).publicKey.asymmetricKeyDetails?.modulusLength, days(next)]).toEqual([3072, 5000]);
    expect(days(await generator.regenerate(made, { duration: -5 }))).toBe(0);
    await expect(generator.regenerate(made, { keyLength: 1024 })).rejects.toThrow(refusal('invalid_key_length'));
    await expect(generator.regenerate(made, { duration: 2 ** 31 - 1 })).rejects.toThrow(refusal('invalid_duration'));
  });
  test.each([1, 100_000, -3])(
    'stores the end that the certificate has, for a duration of %i days',
    async (duration) => {
      const next = await generator.regenerate(root, { duration });
      expect(next.plain.certificate?.expiresAt).toEqual(x509(next).validToDate);
    },
  );
  test('needs to know its CA', async () => {
    const leaf = await certificate({ common_name: 'leaf' }, { signedBy: root });
    const { certificate: pem } = revealValue(leaf) as { certificate: string };
    const set = await generator.set({ name: '/c', type: 'certificate', value: { certificate: pem } });
    await expect(generator.regenerate(set)).rejects.toThrow(refusal('cannot_regenerate_non_generated_certificate'));
    await expect(generator.regenerate(leaf)).rejects.toThrow(refusal('ca_not_found'));
  });
  test('has at least the minimum duration of the operator', async () => {
    const strict = createGenerator({
      pki,
      certificates: { leafMinimumDurationInDays: 100, caMinimumDurationInDays: 500 },
    });
    const of = (parameters: Record<string, unknown>) =>
      strict.generate({
        name: '/c',
        type: 'certificate',
        parameters: { common_name: 'x', duration: 30, ...parameters },
      });
    expect([days(await of({ self_sign: true })), days(await of({ is_ca: true }))]).toEqual([100, 500]);
  });
});

function names(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `host-${i}.example.com`);
}

describe('a certificate is not generated', () => {
  const cases: [unknown, string][] = [
    [{ self_sign: true }, 'missing_certificate_parameters'],
    [{ common_name: 'x' }, 'missing_signing_ca'],
    [{ common_name: 'x', ca: '' }, 'missing_signing_ca'],
    [{ common_name: 'x', ca: '/a', self_sign: true }, 'ca_and_self_sign'],
    [{ key_length: 1 }, 'invalid_key_length'],
    [{ common_name: 'x', self_sign: true, key_usage: ['a'], extended_key_usage: ['b'] }, 'invalid_key_usage'],
    [{ alternative_names: ['a b'], extended_key_usage: ['b'] }, 'invalid_extended_key_usage'],
    [{ common_name: 'x', self_sign: true, alternative_names: ['a b'] }, 'invalid_alternate_name'],
    [{ common_name: 'x', self_sign: true, alternative_names: [null] }, 'bad_request'],
    [{ common_name: 'x', self_sign: true, duration: 0 }, 'invalid_duration'],
    [{ common_name: 'x', self_sign: true, duration: 3651 }, 'invalid_duration'],
    [{ common_name: 'x'.repeat(65), self_sign: true }, 'invalid_certificate_parameter'],
    [{ country: 'USA', self_sign: true }, 'invalid_certificate_parameter'],
    [{ common_name: 'x', serial: 5 }, 'invalid_json_key'],
  ];
  test.each(cases)('with %j: %s', async (parameters, code) => {
    await expect(certificate(parameters as Record<string, unknown>)).rejects.toThrow(refusal(code));
  });
  test("with content longer than CredHub's column", async () => {
    const tooMany = [
      { alternative_names: names(400) },
      { alternative_names: names(200_000) },
      { extended_key_usage: Array<string>(200_000).fill('client_auth') },
    ];
    for (const list of tooMany) {
      const parameters = { common_name: 'x', self_sign: true, ...list };
      await expect(certificate(parameters)).rejects.toThrow(refusal('exceeds_maximum_size'));
    }
    const key_usage = Array<string>(64).fill('crl_sign');
    expect(await certificate({ common_name: 'x', self_sign: true, key_usage })).toBeDefined();
  });
  test('by a leaf, by a CA without its key, or without parameters', async () => {
    const leaf = await certificate({ common_name: 'leaf' }, { signedBy: root });
    await expect(certificate({ common_name: 'x' }, { signedBy: leaf })).rejects.toThrow(refusal('cert_not_ca'));
    const { certificate: pem } = revealValue(root) as { certificate: string };
    const keyless = await generator.set({ name: '/k', type: 'certificate', value: { certificate: pem } });
    await expect(certificate({ common_name: 'x' }, { signedBy: keyless })).rejects.toThrow(
      refusal('ca_missing_private_key'),
    );
    await expect(generator.generate({ name: '/c', type: 'certificate' })).rejects.toThrow(
      refusal('no_certificate_parameters'),
    );
  });
});

describe('a set certificate', () => {
  let pair: { ca: string; certificate: string; private_key: string };
  beforeAll(async () => {
    pair = revealValue(await certificate({ common_name: 'leaf' }, { signedBy: root })) as typeof pair;
  });
  const set = (value: unknown, signedBy?: Version) =>
    generator.set({ name: '/c', type: 'certificate', value, ...(signedBy && { signedBy }) });
  test('is returned unchanged, with empty parts as null and derived flags', async () => {
    const made = await set({ certificate: `text\n${pair.certificate}`, private_key: '', ca: pair.ca });
    expect(revealValue(made)).toEqual({ ca: pair.ca, certificate: `text\n${pair.certificate}`, private_key: null });
    expect(made.plain.certificate).toMatchObject({
      caName: null,
      selfSigned: false,
      certificateAuthority: false,
      generated: false,
    });
    const ca = (await set({ certificate: pair.ca })).plain.certificate;
    expect(ca).toMatchObject({ caName: '/c', selfSigned: true, certificateAuthority: true });
  });
  test('with a CA name stores the certificate of that CA', async () => {
    const made = await set({ certificate: pair.certificate }, root);
    expect(made.plain.certificate).toMatchObject({ ca: pair.ca, caName: '/root' });
    await expect(set({ certificate: pair.certificate }, other)).rejects.toThrow(
      refusal('certificate_was_not_signed_by_ca_name'),
    );
  });
  test.each([
    ['nothing', () => ({}), 'missing_certificate_credentials'],
    ['a broken ca alone', () => ({ ca: 'x' }), 'invalid_ca_value'],
    ['a ca alone', () => ({ ca: pair.ca }), 'missing_certificate'],
    ['a key alone', () => ({ private_key: pair.private_key }), 'missing_certificate'],
    ['a leaf as ca', () => ({ ...pair, ca: pair.certificate.trimEnd() }), 'invalid_ca_value'],
    ['garbage', () => ({ certificate: 'x' }), 'invalid_certificate_value'],
    ['U+0000', () => ({ certificate: `${pair.certificate}\u0000` }), 'invalid_certificate_value'],
    ['over 7000 bytes', () => ({ certificate: pair.certificate.repeat(9) }), 'invalid_certificate_length'],
    ['ca and ca_name', () => ({ ...pair, ca_name: '/root' }), 'mixed_ca_name_and_ca'],
    ['a key that is none', () => ({ ...pair, private_key: 'x' }), 'malformed_private_key_format'],
    [
      'a key of another',
      () => ({ ...pair, private_key: (revealValue(other) as typeof pair).private_key }),
      'mismatched_certificate_and_private_key',
    ],
    [
      'a ca of another',
      () => ({ ...pair, ca: (revealValue(other) as typeof pair).certificate }),
      'certificate_was_not_signed_by_ca',
    ],
    ['an unknown part', () => ({ ...pair, expiry_date: 'x' }), 'invalid_json_key'],
    ['a number', () => ({ certificate: 1 }), 'bad_request'],
  ])('is refused: %s', async (_title, value, code) => {
    await expect(set(value())).rejects.toThrow(refusal(code));
  });
});
