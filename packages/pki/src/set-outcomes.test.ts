import { PkiError, Secret } from '@credplex/core';
import { describe, expect, test } from 'vitest';
import { fixture, resolve, setCertificate } from '../test/recorded.ts';
import { isSignedBy, parse } from './parse.ts';
import { privateKeyMatches } from './private-key.ts';

const TEXTS = {
  value: 'The provided certificate value is not a valid X509 certificate.',
  unreadable: 'Unable to parse the certificate.',
  ca: 'The provided CA value is not a valid X509 certificate authority.',
  notSigned: "The provided certificate was not signed by the CA specified in the 'ca' property.",
  mismatch: 'The provided certificate does not match the private key.',
  tooLong: 'The provided certificate value is too long. Certificate lengths must be less than 7000 characters.',
  key_format: 'Private key is malformed. Key file is not in PKCS#1 or unencrypted PKCS#8 format',
  key_content: 'Private key is malformed. Keys must be PEM-encoded PKCS#1 or unencrypted PKCS#8 keys.',
  key_not_rsa: 'Private key is malformed. Key file does not contain an RSA private key',
} as const;

/**
 * The rules for setting a certificate, decided with nothing but the port's functions
 * (docs/reference/credhub-server.md#certificate-set).
 */
function outcome(value: { certificate: string; ca?: string | undefined; private_key?: string | undefined }): unknown {
  const { certificate, ca, private_key: key } = value;
  if (certificate.length > 7000 || (ca?.length ?? 0) > 7000) return TEXTS.tooLong;
  try {
    const { isCa, selfSigned, notAfter } = parse(certificate);
    if (key !== undefined && !privateKeyMatches(new Secret(key), certificate)) return TEXTS.mismatch;
    if (ca !== undefined && ca !== certificate) {
      if (!isAuthority(ca)) return TEXTS.ca;
      if (!isSignedBy(certificate, ca)) return TEXTS.notSigned;
    }
    return {
      certificate_authority: isCa,
      self_signed: selfSigned && isCa,
      expiry_date: notAfter.toISOString().replace('.000Z', 'Z'),
    };
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
    if (error.code === 'certificate_value') return TEXTS.value;
    if (error.code === 'certificate_unreadable') return TEXTS.unreadable;
    return TEXTS[error.code as 'key_format' | 'key_content' | 'key_not_rsa'];
  }
}

function isAuthority(ca: string): boolean {
  try {
    return parse(ca).isCa;
  } catch {
    return false;
  }
}

describe('every outcome of a certificate set is decided as CredHub decided it', () => {
  test.each(setCertificate.cases)('$name', ({ value, errors, answer }) => {
    const got = outcome({
      certificate: resolve(value.certificate),
      ca: value.ca === undefined ? undefined : resolve(value.ca),
      private_key: value.private_key === undefined ? undefined : resolve(value.private_key),
    });
    if (errors) expect(errors).toContain(got);
    else expect(got).toEqual(answer);
  });
});

describe('the forms of a set certificate that no recording holds', () => {
  const leaf = fixture('leaf1');
  const body = leaf.split('\n').slice(1, -2).join('');
  const code = (text: string): string => {
    try {
      parse(text);
      return 'parsed';
    } catch (error) {
      if (!(error instanceof PkiError)) throw error;
      return error.code;
    }
  };
  test.each([
    ['blanks right before BEGIN', `  ${leaf}`, 'certificate_value'],
    ['a newline before BEGIN', `\n${leaf}`, 'parsed'],
    ['base64 on one line', `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----`, 'parsed'],
    ['all on one line', `-----BEGIN CERTIFICATE-----${body}-----END CERTIFICATE-----`, 'certificate_value'],
    [
      'all on one line with blanks',
      `-----BEGIN CERTIFICATE----- ${body} -----END CERTIFICATE-----`,
      'certificate_value',
    ],
    ['PKCS#7', `-----BEGIN PKCS7-----\n${body}\n-----END PKCS7-----\n`, 'certificate_value'],
    ['TRUSTED CERTIFICATE', leaf.replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE'), 'certificate_value'],
    ['END line missing', leaf.replace('-----END CERTIFICATE-----\n', ''), 'certificate_unreadable'],
    [
      'a request before it',
      `-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n${leaf}`,
      'certificate_unreadable',
    ],
    ['text after it', `${leaf}and so on\n`, 'parsed'],
    ['a key alone', fixture('leaf1_key'), 'certificate_value'],
    ['bytes after the certificate inside the block', leaf.replace('\n-----END', 'AAAA\n-----END'), 'certificate_value'],
    ['nothing', '', 'certificate_value'],
  ])('%s', (_, text, expected) => {
    expect(code(text)).toBe(expected);
  });

  test('the stored PEM is the first certificate, in 64 columns', () => {
    expect(parse(fixture('leafint_chain')).pem).toBe(fixture('leafint'));
    expect(parse(`-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----`).pem).toBe(leaf);
  });
});
