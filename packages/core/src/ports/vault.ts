/**
 * The port to vaults. A vault seals a document and returns opaque bytes, which the row of the version or cloud
 * credential stores. A vault does not know names, versions or permissions
 * (docs/decisions/0002-vault-seals-row-carries.md).
 */
import type { Secret } from '../secret.ts';

/**
 * A sealed document: a flat map of texts. CredHub versions have `value`, cloud credentials `payload` and key-values.
 */
export type SecretDocument = Readonly<Record<string, Secret>>;

/**
 * Identifies a secret. `path` is relative to `<mount>/data/<prefix>/` of a KV-v2 engine: `credhub/<version id>`,
 * `clouds/<cloud id>/credentials/<id>`. `purpose` and `id` are bound to the ciphertext as associated data.
 */
export interface SecretRef {
  readonly purpose: 'credhub' | 'cloud_credential' | 'shared';
  readonly id: string;
  readonly path: string;
}

/** The result of sealing. `keyId` is the key, or KV mount, that opens it; `format` is the layout of `bytes`. */
export interface Sealed {
  readonly keyId: string;
  readonly format: number;
  readonly bytes: Uint8Array;
  /** Length of a large value that was not read with its row. Then {@link bytes} is empty, and `open` fetches it. */
  readonly deferredBytes?: number;
}

export interface SecretVault {
  /** `true`: sealing writes to another system. Callers must commit an intent first (`intents.ts`) and destroy on failure. */
  readonly remote: boolean;
  /** The keyId that {@link seal} uses now. A key rotation re-seals rows with any other keyId. */
  readonly activeKeyId: () => string;
  /** Keys that {@link open} can use, including the active one. */
  readonly knownKeyIds: () => readonly string[];

  /**
   * Seals a document. A remote vault writes it with check-and-set 0, so an existing path is never overwritten. At most
   * 16 concurrent calls per request. Never call it inside a database transaction.
   * @throws CredError `vault_unavailable` (remote unreachable or sealed), `vault_refused` (until an operator acts),
   * `vault_conflict` (path exists), `request_body_too_large` (for the remote's storage)
   */
  seal(ref: SecretRef, document: SecretDocument): Promise<Sealed> | Sealed;

  /**
   * Opens the result of {@link seal}. Any change of ref, keyId or bytes is detected.
   * @throws CredError `encryption_key_missing` (keyId unknown here), `vault_unavailable`, `vault_refused`,
   * `vault_value_missing` (revoked or destroyed), `vault_corrupt`
   */
  open(ref: SecretRef, sealed: Sealed): Promise<SecretDocument> | SecretDocument;

  /**
   * Makes the secret unreadable. An operator can recover it if the vault supports that (KV-v2 soft delete). Idempotent.
   * @throws CredError `encryption_key_missing` (another vault holds it), `vault_unavailable`, `vault_refused`
   */
  revoke(ref: SecretRef, sealed: Sealed): Promise<void>;

  /**
   * Removes a path with all its versions. Idempotent, also for a missing path. A no-op for a local vault. `keyId` is
   * that of the sealed value; undefined (intents of earlier releases) means every configured remote vault.
   * @throws CredError `encryption_key_missing` (another vault holds it), `vault_unavailable`, `vault_refused`
   */
  destroy(ref: SecretRef, keyId: string | undefined): Promise<void>;

  /**
   * Cheap readiness look, for `/readyz`. Resolves when the vault can seal and open.
   * @throws CredError `vault_unavailable`, `vault_refused`
   */
  check(): Promise<void>;
}
