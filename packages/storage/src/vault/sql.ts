/**
 * The vault that seals into the row: pure computation, no I/O. Format 1: 24 bytes of nonce, then XAES-256-GCM ciphertext with
 * its tag. Purpose, id and key id are associated data, so a sealed value opens in its own row only.
 */
import { randomBytes } from 'node:crypto';
import { CredError, type Sealed, type SecretDocument, type SecretRef, type SecretVault } from '@credplex/core';
import { decodeDocument, encodeDocument } from './document.ts';
import { XAES_NONCE_BYTES, type Xaes } from './xaes.ts';

const XAES_FORMAT = 1;

export interface RingKey {
  readonly id: string;
  readonly name: string;
  readonly cipher: Xaes;
}

/** Keys that are configured and known to the database; `active` seals. */
export interface KeyRing {
  readonly active: RingKey;
  readonly keys: ReadonlyMap<string, RingKey>;
}

/** {@link SecretVault} without waiting: nothing here is remote. */
export interface LocalVault extends SecretVault {
  seal(ref: SecretRef, document: SecretDocument): Sealed;
  open(ref: SecretRef, sealed: Sealed): SecretDocument;
}

export function associatedData(ref: Pick<SecretRef, 'purpose' | 'id'>, keyId: string): Buffer {
  // As JSON.stringify writes the list.
  return Buffer.from(`["credplex",${XAES_FORMAT},"${ref.purpose}",${JSON.stringify(ref.id)},${JSON.stringify(keyId)}]`);
}

/** How many nonces are drawn at once: asking for 24 random bytes costs nearly what asking for thousands does. */
const STOCK = 128;

/** Each random byte is given out once. */
function createNonces(): () => Buffer {
  let stock = Buffer.alloc(0);
  return () => {
    if (stock.length === 0) stock = randomBytes(STOCK * XAES_NONCE_BYTES);
    const nonce = stock.subarray(0, XAES_NONCE_BYTES);
    stock = stock.subarray(XAES_NONCE_BYTES);
    return nonce;
  };
}

export function createSqlVault(ring: KeyRing): LocalVault {
  const nextNonce = createNonces();
  return {
    remote: false,
    activeKeyId: () => ring.active.id,
    knownKeyIds: () => [...ring.keys.keys()],
    seal(ref, document) {
      const { id, cipher } = ring.active;
      const nonce = nextNonce();
      const body = cipher.seal(nonce, encodeDocument(document), associatedData(ref, id));
      return { keyId: id, format: XAES_FORMAT, bytes: Buffer.concat([nonce, body]) };
    },
    open(ref, { keyId, format, bytes }) {
      const key = ring.keys.get(keyId);
      if (!key) throw new CredError('encryption_key_missing');
      if (format !== XAES_FORMAT)
        throw new CredError('vault_corrupt', {}, { cause: new Error(`unknown format ${format}`) });
      const plaintext = key.cipher.open(
        bytes.subarray(0, XAES_NONCE_BYTES),
        bytes.subarray(XAES_NONCE_BYTES),
        associatedData(ref, keyId),
      );
      if (!plaintext)
        throw new CredError('vault_corrupt', {}, { cause: new Error(`${ref.purpose} ${ref.id} does not open`) });
      return decodeDocument(plaintext);
    },
    async revoke() {},
    async destroy() {},
    async check() {},
  };
}
