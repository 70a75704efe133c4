import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { noOpenssl, openssl } from '../test/openssl.ts';
import { createCertificateAuthority, issueServerCertificate, needsRenewal } from './server-identity.ts';

const NOW = new Date('2026-11-22T08:00:00Z');
const DAY = 86_400_000;
function after(days: number): Date {
  return new Date(NOW.getTime() + days * DAY);
}

const ca = await createCertificateAuthority({ commonName: 'Credplex CA of host', days: 3650, now: NOW });
const NAMES = ['credplex.example.com', 'localhost', '127.0.0.1', '0:0:0:0:0:0:0:1'];
const server = await issueServerCertificate({ ca, names: NAMES, days: 90, now: NOW });

describe('the identity that a server gives itself', () => {
  test.skipIf(noOpenssl).each([
    ['host', 'credplex.example.com'],
    ['host', 'localhost'],
    ['ip', '127.0.0.1'],
    ['ip', '::1'],
  ])('is strictly valid for the %s %s', (kind, name) => {
    const files = { ca: ca.certificate, server: server.certificate };
    const check = kind === 'ip' ? '-verify_ip' : '-verify_hostname';
    const args = ['-x509_strict', '-purpose', 'sslserver', check, name, '-attime', String(NOW.getTime() / 1000)];
    expect(openssl(files, 'verify', ...args, '-CAfile', '{ca}', '{server}')).toContain('OK');
  });

  test('has P-256 keys in PKCS#8 that do not print', () => {
    for (const { certificate, privateKey } of [ca, server]) {
      expect(privateKey.reveal()).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
      const key = createPrivateKey(privateKey.reveal());
      expect(key.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
      expect(new X509Certificate(certificate).checkPrivateKey(key)).toBe(true);
      expect(JSON.stringify({ certificate, privateKey })).not.toContain('PRIVATE KEY');
    }
  });

  test.each([[[]], [['']], [['a b']], [['https://x']]])('is refused for the names %j', async (names) => {
    await expect(issueServerCertificate({ ca, names, days: 1, now: NOW })).rejects.toThrow(RangeError);
  });

  test('has a name even when every host name is longer than a common name may be', async () => {
    const names = [`${'a'.repeat(60)}.example.com`];
    const { certificate } = await issueServerCertificate({ ca, names, days: 1, now: NOW });
    expect(new X509Certificate(certificate).subject).toBe('CN=credplex');
  });
});

describe('a renewal is due', () => {
  test.each([
    ['not while more than a third of the life is left', after(59), false],
    ['with the last third', after(61), true],
    ['after the end', after(100), true],
    ['before the beginning', after(-1), true],
  ])('%s', (_, now, due) => {
    expect(needsRenewal(server.certificate, now)).toBe(due);
  });

  test('when a name is missing, however its address is written', () => {
    expect(needsRenewal(server.certificate, NOW, NAMES)).toBe(false);
    expect(needsRenewal(server.certificate, NOW, ['::1'])).toBe(false);
    expect(needsRenewal(server.certificate, NOW, [...NAMES, '10.0.0.1'])).toBe(true);
  });

  test('for what is no certificate', () => {
    expect(needsRenewal('', NOW)).toBe(true);
  });
});
