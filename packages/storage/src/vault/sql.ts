/**
 * The vault that stores the sealed value in the row: pure computation, no I/O. Format 1: a nonce of 24 bytes, then the XAES-256-GCM
 * ciphertext with its tag. Purpose, id and key id are associated data, so a sealed value opens only in its own row.
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

/** The configured keys that the database knows. `active` seals new values. */
export interface KeyRing {
  readonly active: RingKey;
  readonly keys: ReadonlyMap<string, RingKey>;
}

/** A {@link SecretVault} whose operations are synchronous. */
export interface LocalVault extends SecretVault {
  seal(ref: SecretRef, document: SecretDocument): Sealed;
  open(ref: SecretRef, sealed: Sealed): SecretDocument;
  /** Like {@link open}, for large values: yields to the event loop between slices, and overwrites `sealed.bytes`. */
  openInPlace(ref: SecretRef, sealed: Sealed): Promise<SecretDocument>;
  /** Returns key and nonce for {@link sealWith}, to seal one document in another thread. */
  messageCipher(): MessageCipher;
}

/** Key and nonce of a single message; they are used once. */
export interface MessageCipher {
  readonly keyId: string;
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
}

/** Seals as {@link LocalVault.seal} does, with the derived key of this message, and without copying a large value. */
export function sealWith({ keyId, key, nonce }: MessageCipher, ref: SecretRef, document: SecretDocument): Sealed {
  const bytes = sealMessage(key, nonce, documentParts(document), associatedData(ref, keyId));
  return { keyId, format: XAES_FORMAT, bytes };
}

export function associatedData(ref: Pick<SecretRef, 'purpose' | 'id'>, keyId: string): Buffer {
  // The same bytes as JSON.stringify of the list; the format is fixed by stored values.
  return Buffer.from(`["credplex",${XAES_FORMAT},"${ref.purpose}",${JSON.stringify(ref.id)},${JSON.stringify(keyId)}]`);
}

/** Nonces per call of randomBytes: a call for 24 bytes costs nearly as much as a call for thousands. */
const NONCES_PER_DRAW = 128;

/** Returns a function that gives a new nonce on each call. */
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
      // Copies, because transferring a view to another thread would transfer its whole buffer.
      return { keyId: id, key: Uint8Array.from(cipher.messageKey(nonce)), nonce: Uint8Array.from(nonce) };
    },
    // Deleting the row deletes the secret. A value of another vault is not ours to revoke.
    async revoke(_, { keyId }) {
      if (!ring.keys.has(keyId)) throw new CredError('encryption_key_missing');
    },
    async destroy(_, keyId) {
      if (keyId === undefined || !ring.keys.has(keyId)) throw new CredError('encryption_key_missing');
    },
    async check() {},
  };
}
