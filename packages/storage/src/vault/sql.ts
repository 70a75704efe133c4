/**
 * The vault that seals into the row: pure computation, no I/O. Format 1: 24 bytes of nonce, then XAES-256-GCM ciphertext with
 * its tag. Purpose, id and key id are associated data, so a sealed value opens in its own row only.
 */
import { randomBytes } from 'node:crypto';
import { CredError, type Sealed, type SecretDocument, type SecretRef, type SecretVault } from '@credplex/core';
import { decodeDocument, documentParts, encodeDocument } from './document.ts';
import { sealMessage, XAES_NONCE_BYTES, type Xaes } from './xaes.ts';

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
  /** Like {@link open}, for large values: gives way to other work between slices, and writes over `sealed.bytes`. */
  openInPlace(ref: SecretRef, sealed: Sealed): Promise<SecretDocument>;
  /** What {@link sealWith} needs to seal one document elsewhere, in another thread. */
  messageCipher(): MessageCipher;
}

/** Key and nonce of a single message: they open nothing else, and are never used twice. */
export interface MessageCipher {
  readonly keyId: string;
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
}

/** Seals as {@link LocalVault.seal} does, with a key that was derived for this message, and without a copy of a large value. */
export function sealWith({ keyId, key, nonce }: MessageCipher, ref: SecretRef, document: SecretDocument): Sealed {
  const bytes = sealMessage(key, nonce, documentParts(document), associatedData(ref, keyId));
  return { keyId, format: XAES_FORMAT, bytes };
}

export function associatedData(ref: Pick<SecretRef, 'purpose' | 'id'>, keyId: string): Buffer {
  // As JSON.stringify writes the list.
  return Buffer.from(`["credplex",${XAES_FORMAT},"${ref.purpose}",${JSON.stringify(ref.id)},${JSON.stringify(keyId)}]`);
}

/** How many nonces are drawn at once: asking for 24 random bytes costs nearly what asking for thousands does. */
const NONCES_PER_DRAW = 128;

/** Each random byte is given out once. */
function createNonceSource(): () => Buffer {
  let unused = Buffer.alloc(0);
  return () => {
    if (unused.length === 0) unused = randomBytes(NONCES_PER_DRAW * XAES_NONCE_BYTES);
    const nonce = unused.subarray(0, XAES_NONCE_BYTES);
    unused = unused.subarray(XAES_NONCE_BYTES);
    return nonce;
  };
}

function splitSealed({ bytes }: Sealed): [nonce: Uint8Array, body: Uint8Array] {
  return [bytes.subarray(0, XAES_NONCE_BYTES), bytes.subarray(XAES_NONCE_BYTES)];
}

function toDocument(ref: SecretRef, plaintext: Buffer | undefined): SecretDocument {
  if (plaintext) return decodeDocument(plaintext);
  throw new CredError('vault_corrupt', {}, { cause: new Error(`${ref.purpose} ${ref.id} does not open`) });
}

export function createSqlVault(ring: KeyRing): LocalVault {
  const nextNonce = createNonceSource();
  const keyFor = ({ keyId, format }: Sealed): RingKey => {
    const key = ring.keys.get(keyId);
    if (!key) throw new CredError('encryption_key_missing');
    if (format !== XAES_FORMAT)
      throw new CredError('vault_corrupt', {}, { cause: new Error(`unknown format ${format}`) });
    return key;
  };
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
    open(ref, sealed) {
      const [nonce, body] = splitSealed(sealed);
      return toDocument(ref, keyFor(sealed).cipher.open(nonce, body, associatedData(ref, sealed.keyId)));
    },
    async openInPlace(ref, sealed) {
      const [nonce, body] = splitSealed(sealed);
      return toDocument(ref, await keyFor(sealed).cipher.openInPlace(nonce, body, associatedData(ref, sealed.keyId)));
    },
    messageCipher() {
      const { id, cipher } = ring.active;
      const nonce = nextNonce();
      // Copies of their own: a view would take the buffer behind it along to another thread.
      return { keyId: id, key: Uint8Array.from(cipher.messageKey(nonce)), nonce: Uint8Array.from(nonce) };
    },
    // The secret goes with its row, but one that another vault holds stays there.
    async revoke(_, { keyId }) {
      if (!ring.keys.has(keyId)) throw new CredError('encryption_key_missing');
    },
    async destroy(_, keyId) {
      if (keyId === undefined || !ring.keys.has(keyId)) throw new CredError('encryption_key_missing');
    },
    async check() {},
  };
}
