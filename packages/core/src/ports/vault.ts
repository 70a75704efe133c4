/**
 * Where secret bytes live. A vault seals a document and gives back opaque bytes; the row of the version (or broker row)
 * carries them. Names, versions and permissions are never the vault's business
 * (docs/decisions/0002-vault-seals-row-carries.md).
 */
import type { Secret } from '../secret.ts';

/**
 * What is sealed: a flat map of texts. CredHub versions hold `value` (JSON text); cloud credentials `payload` and
 * key-values.
 */
export type SecretDocument = Readonly<Record<string, Secret>>;

/**
 * Which secret. `path` is the place below `<mount>/data/<prefix>/` of a KV-v2 engine: `credhub/<version id>`,
 * `clouds/<cloud id>/credentials/<id>`. `purpose` and `id` are bound to the ciphertext as associated data.
 */
export interface SecretRef {
  readonly purpose: 'credhub' | 'cloud_credential' | 'shared';
  readonly id: string;
  readonly path: string;
}

/**
 * The result of sealing. `keyId` names the key (or KV mount) that must be there to open it; `format` is the layout of
 * `bytes`.
 */
export interface Sealed {
  readonly keyId: string;
  readonly format: number;
  readonly bytes: Uint8Array;
  /**
   * Length of bytes that were left in the row because they are many; {@link bytes} is empty, and `open` fetches them.
   */
  readonly deferredBytes?: number;
}

export interface SecretVault {
  /**
   * `true`: sealing writes to another system, so callers must commit an intent first (records.intents) and destroy on
   * failure.
   */
  readonly remote: boolean;
  /** The keyId that {@link seal} writes now. Rows under another one are what a rotation walks over. */
  readonly activeKeyId: () => string;
  /** Keys that {@link open} can use, the active one included. */
  readonly knownKeyIds: () => readonly string[];

  /**
   * Seals a document. A remote vault writes it with check-and-set 0: an existing path is never overwritten.
   * Safe to call at most 16 at once; may be called concurrently. Never call it inside a database transaction.
   * @throws CredError `vault_unavailable` (remote unreachable or sealed), `vault_refused` (until an operator acts),
   * `vault_conflict` (path exists), `request_body_too_large` (for the remote's storage)
   */
  seal(ref: SecretRef, document: SecretDocument): Promise<Sealed> | Sealed;

  /**
   * Opens what {@link seal} gave. Any change of ref, keyId or bytes is detected.
   * @throws CredError `encryption_key_missing` (keyId unknown here), `vault_unavailable`, `vault_refused`,
   * `vault_value_missing` (revoked or destroyed), `vault_corrupt`
   */
  open(ref: SecretRef, sealed: Sealed): Promise<SecretDocument> | SecretDocument;

  /**
   * Makes the secret unreadable but recoverable by an operator where the vault can (KV-v2 soft delete). Idempotent.
   * @throws CredError `encryption_key_missing` (another vault holds it), `vault_unavailable`, `vault_refused`
   */
  revoke(ref: SecretRef, sealed: Sealed): Promise<void>;

  /**
   * Removes every trace of the path. Idempotent; nothing there is success. A no-op where the row held all. `keyId` is
   * that of the sealed value; undefined, for intents of earlier releases, stands for every remote vault of the
   * settings.
   * @throws CredError `encryption_key_missing` (another vault holds it), `vault_unavailable`, `vault_refused`
   */
  destroy(ref: SecretRef, keyId: string | undefined): Promise<void>;

  /**
   * Cheap readiness look, for `/readyz`. Resolves when the vault can seal and open.
   * @throws CredError `vault_unavailable`, `vault_refused`
   */
  check(): Promise<void>;
}
