import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { secret } from '../secret.ts';
import type { KeyAlgorithm, KeyDescription, KeyPair, SignatureAlgorithm } from './key-algorithm.ts';
import { integerPart, isText, octetsOf, textPart } from './ssh-parts.ts';

const generate = promisify(generateKeyPair);

interface Curve {
  /** OpenSSL's name. */
  readonly name: string;
  readonly ssh: string;
  readonly bits: number;
  /** The `key_type` that generates keys on this curve; undefined: none. */
  readonly keyType: string | undefined;
  /** ECDSA with the hash of the curve's strength (RFC 5758, 3.2). */
  readonly signature: SignatureAlgorithm;
}

const P256: Curve = {
  name: 'prime256v1',
  ssh: 'nistp256',
  bits: 256,
  keyType: 'ecdsa-p256',
  signature: { identifier: '300a06082a8648ce3d040302', digest: 'sha256' },
};
const P384: Curve = {
  name: 'secp384r1',
  ssh: 'nistp384',
  bits: 384,
  keyType: 'ecdsa-p384',
  signature: { identifier: '300a06082a8648ce3d040303', digest: 'sha384' },
};
/** Accepted for existing keys, never generated. */
const P521: Curve = {
  name: 'secp521r1',
  ssh: 'nistp521',
  bits: 521,
  keyType: undefined,
  signature: { identifier: '300a06082a8648ce3d040304', digest: 'sha512' },
};
const CURVES = [P256, P384, P521];

function curveOf(key: KeyObject): Curve | undefined {
  return CURVES.find(({ name }) => name === key.asymmetricKeyDetails?.namedCurve);
}

function describeCurve({ keyType, bits }: Curve): KeyDescription {
  return { type: keyType, bits };
}

async function generateEcKeyPair(bits: number): Promise<KeyPair> {
  const curve = CURVES.find((candidate) => candidate.bits === bits && candidate.keyType !== undefined);
  if (curve === undefined) throw new RangeError(`no curve of ${bits} bits is generated`);
  const { publicKey, privateKey } = await generate('ec', {
    namedCurve: curve.name,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { publicKey, privateKey: secret(privateKey) };
}

function sshName(curve: Curve): string {
  return `ecdsa-sha2-${curve.ssh}`;
}

/** Returns the key with its uncompressed point (SEC 1, 2.3.3). */
function publicParts(key: KeyObject): Uint8Array[] {
  const curve = curveOf(key);
  if (curve === undefined) throw new RangeError('SSH has no name for the curve');
  const { x, y } = key.export({ format: 'jwk' });
  const point = Buffer.concat([Buffer.of(4), octetsOf(x), octetsOf(y)]);
  return [textPart(sshName(curve)), textPart(curve.ssh), point];
}

/** ECDSA on the NIST curves (SSH keys: RFC 5656, 3.1). Generation is as fast as a signature and needs no queue. */
export const ec = {
  name: 'ec',
  keyTypes: { 'ecdsa-p256': [P256.bits], 'ecdsa-p384': [P384.bits] },
  takesKeyLength: false,
  generate: generateEcKeyPair,
  describe(key: KeyObject) {
    const curve = curveOf(key);
    return curve === undefined ? { type: undefined, bits: 0 } : describeCurve(curve);
  },
  signature: (key: KeyObject) => curveOf(key)?.signature,
  ssh: {
    names: CURVES.map(sshName),
    publicParts,
    privateParts: (key: KeyObject) => [...publicParts(key), integerPart(key.export({ format: 'jwk' }).d)],
    describe([name, curveName, point]: readonly Uint8Array[]) {
      const curve = CURVES.find((candidate) => isText(name, sshName(candidate)) && isText(curveName, candidate.ssh));
      const octets = curve && 1 + 2 * Math.ceil(curve.bits / 8);
      return curve !== undefined && point?.length === octets && point?.[0] === 4 ? describeCurve(curve) : undefined;
    },
    hasFingerprintWhenSet: true,
  },
} as const satisfies KeyAlgorithm;
