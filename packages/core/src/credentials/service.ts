/**
 * The use cases of CredHub's data endpoints, as the server and library users call them. `createCredentials(deps)`
 * returns an implementation. For every failure that a caller can cause, a method throws {@link CredError}.
 */
import type { Caller } from '../caller.ts';
import type { CertificateSettings } from '../certificate-settings.ts';
import type { JsonNode } from '../json/tree.ts';
import type { Level } from '../level.ts';
import type { ReadAudit } from '../ports/audit.ts';
import type { Clock, Entropy } from '../ports/clock.ts';
import type { Intents } from '../ports/intents.ts';
import type { PermissionRecords } from '../ports/permissions.ts';
import type { Pki } from '../ports/pki.ts';
import type { CredentialRecords, FoundName } from '../ports/records.ts';
import type { SecretVault } from '../ports/vault.ts';
import type { Secret } from '../secret.ts';
import type { DeferredValue } from './deferred-value.ts';

export interface CredentialDeps {
  readonly records: CredentialRecords;
  readonly permissions: PermissionRecords;
  readonly intents: Intents;
  readonly vault: SecretVault;
  readonly pki: Pki;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly readAudit: ReadAudit;
  readonly level: Level;
  readonly aclsEnabled: boolean;
  readonly certificates: CertificateSettings;
}

/**
 * A credential as the API shows it (docs/reference/credhub-server.md#credential-object). `value` is JSON text that is
 * copied into the response unchanged.
 */
export interface CredentialView {
  readonly type: string;
  readonly versionCreatedAt: Date;
  readonly id: string;
  readonly name: string;
  /** JSON text, or null. */
  readonly metadata: string | null;
  readonly value: Secret | DeferredValue;
  readonly credentialId: string;
  readonly certificate?:
    | {
        readonly certificateAuthority: boolean;
        readonly expiryDate: Date | null;
        readonly generated: boolean | null;
        readonly selfSigned: boolean;
        readonly transitional: boolean;
        /** Only in responses to generate and regenerate. */
        readonly generation?:
          | { readonly durationOverridden: boolean; readonly durationUsed: number; readonly keyLength: number }
          | undefined;
      }
    | undefined;
}

/** A version that a request created or read, for its audit lines. */
export interface AffectedVersion {
  readonly name: string;
  readonly credentialId: string;
  readonly versionId: string;
}

/** Limits of one interpolation. */
export interface InterpolateOptions {
  /** Maximum bytes of the response. Default: no limit. */
  readonly maxBytes?: number;
  /** Called with the expected size of a large response, before its values are opened. */
  readonly reserve?: (bytes: number) => Promise<void>;
}

export interface Credentials {
  /**
   * PUT /data. `body` is the whole parsed body, because the use case must check the fields in CredHub's order and their
   * rules depend on the type.
   */
  set(caller: Caller, body: JsonNode): Promise<CredentialView>;
  /** POST /data, including its deprecated `regenerate: true` form. */
  generate(caller: Caller, body: JsonNode): Promise<CredentialView>;
  /** POST /regenerate. */
  regenerate(caller: Caller, body: JsonNode): Promise<CredentialView>;
  /** POST /bulk-regenerate. Sorted by name, ignoring case. */
  bulkRegenerate(caller: Caller, body: JsonNode): Promise<AffectedVersion[]>;
  getById(caller: Caller, id: string): Promise<CredentialView>;
  /** Returns all versions without a `limit`. @throws CredError `credential_not_found`, also when none is readable */
  getByName(
    caller: Caller,
    query: { name: string; current: boolean; limit?: number | undefined },
  ): Promise<CredentialView[]>;
  delete(caller: Caller, name: string): Promise<void>;
  find(
    caller: Caller,
    query: { path?: string | undefined; nameLike?: string | undefined; expiresWithinDays?: number | undefined },
  ): AsyncIterable<readonly FoundName[]>;
  paths(caller: Caller): Promise<string[]>;
  /** POST /interpolate. Returns the body with references replaced, as JSON text, and the versions that were `read`. */
  interpolate(
    caller: Caller,
    body: JsonNode,
    options?: InterpolateOptions,
  ): Promise<{ json: Secret; read: readonly AffectedVersion[] }>;
  keyUsage(): Promise<{ activeKey: number; inactiveKeys: number; unknownKeys: number }>;
}
