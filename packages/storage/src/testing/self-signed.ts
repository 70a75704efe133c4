/** Issues minimal certificates that a TLS client accepts for an IPv4 address, because this package must not import @credplex/pki. */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const size = body.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

function seq(...parts: readonly Uint8Array[]): Buffer {
  return der(0x30, ...parts);
}
function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}
function utcTime(at: Date): Buffer {
  return der(0x17, Buffer.from(`${at.toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`));
}

export interface TestIdentity {
  /** PEM. */
  readonly certificate: string;
  /** PEM, PKCS#8. */
  readonly privateKey: string;
  readonly commonName: string;
}

/** Valid at every shifted time of scripts/clock, and at the real time, which some programs use meanwhile. */
const VALIDITY = { from: new Date('2020-01-01T00:00:00Z'), until: new Date('2049-12-31T23:59:59Z') };

/** Issues a certificate, ECDSA P-256, valid from 2020 to 2049; without an issuer it signs itself (RFC 5280, 4.1). */
export function issueTestCertificate(request: {
  readonly commonName: string;
  readonly isCa: boolean;
  readonly ipv4?: string;
  readonly issuer?: TestIdentity;
}): TestIdentity {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ecdsaWithSha256 = seq(oid('2a8648ce3d040302'));
  const nameOf = (commonName: string): Buffer => seq(der(0x31, seq(oid('550403'), der(0x0c, Buffer.from(commonName)))));
  const isTrue = der(0x01, Buffer.from([255]));
  const extensions: Buffer[] = [];
  if (request.ipv4 !== undefined) {
    const address = der(0x87, Buffer.from(request.ipv4.split('.').map(Number)));
    extensions.push(seq(oid('551d11'), der(0x04, seq(address))));
  }
  extensions.push(seq(oid('551d13'), isTrue, der(0x04, request.isCa ? seq(isTrue) : seq())));
  const toBeSigned = seq(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ecdsaWithSha256,
    nameOf(request.issuer?.commonName ?? request.commonName),
    seq(utcTime(VALIDITY.from), utcTime(VALIDITY.until)),
    nameOf(request.commonName),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, seq(...extensions)),
  );
  const signature = der(0x03, Buffer.from([0]), sign('sha256', toBeSigned, request.issuer?.privateKey ?? privateKey));
  const base64 = seq(toBeSigned, ecdsaWithSha256, signature)
    .toString('base64')
    .replace(/.{1,64}/g, '$&\n');
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${base64}-----END CERTIFICATE-----\n`,
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    commonName: request.commonName,
  };
}

/** Issues a self-signed server certificate. */
export function selfSigned(ipv4: string): TestIdentity {
  return issueTestCertificate({ commonName: 'credplex test', isCa: true, ipv4 });
}
