/**
 * The use cases of CredHub's API, as the server and library users call them. `createCredentials(deps)` of this package gives
 * one; every method throws {@link CredError} and nothing else for what a caller can cause.
 */
import type { JsonNode } from '../json/tree.ts';
import type { Level } from '../level.ts';
import type { AuditEvent, ReadAudit } from '../ports/audit.ts';
import type { Clock, Entropy } from '../ports/clock.ts';
import type { Pki } from '../ports/pki.ts';
import type {
  Access,
  CredentialRecords,
  FoundName,
  Intents,
  ListedCertificate,
  Operation,
  PermissionRecords,
  PermissionRow,
} from '../ports/records.ts';
import type { SecretVault } from '../ports/vault.ts';
import type { Secret } from '../secret.ts';
import type { InterpolateOptions } from './interpolate.ts';
import type { DeferredValue } from './open.ts';

/** The operator's settings for certificates, in days; 0 is off (docs/reference/credhub-server.md#minimum-durations). */
export interface CertificateSettings {
  readonly concatenateCas: boolean;
  readonly caMinimumDurationInDays: number;
  readonly leafMinimumDurationInDays: number;
  readonly enableDefaultCaKeyUsages: boolean;
}

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

/** Who asks, in which request. Use cases build their {@link AuditEvent}s from it. */
export interface Caller {
  readonly actor: string;
  readonly requestId: string;
}

/**
 * A credential as the API shows it (docs/reference/credhub-server.md#credential-object). `value` is its JSON text,
 * spliced into the answer unchanged.
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
        /** Only in answers of generate and regenerate. */
        readonly made?:
          | { readonly durationOverridden: boolean; readonly durationUsed: number; readonly keyLength: number }
          | undefined;
      }
    | undefined;
}

/** One of many credentials that a request made or read. */
export interface Touched {
  readonly name: string;
  readonly credentialId: string;
  readonly versionId: string;
}

export interface Credentials {
  /**
   * PUT /data. `body` is the whole parsed body: the use case checks every field in CredHub's order, since the type decides
   * about the rest.
   */
  set(caller: Caller, body: JsonNode): Promise<CredentialView>;
  /** POST /data, including its deprecated `regenerate: true` form. */
  generate(caller: Caller, body: JsonNode): Promise<CredentialView>;
  /** POST /regenerate. */
  regenerate(caller: Caller, body: JsonNode): Promise<CredentialView>;
  /** POST /bulk-regenerate. Names, sorted without regard to case. */
  bulkRegenerate(caller: Caller, body: JsonNode): Promise<Touched[]>;
  getById(caller: Caller, id: string): Promise<CredentialView>;
  /** `limit` undefined = all. @throws credential_not_found when there is none to see */
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
  /** POST /interpolate: the body with references replaced, as JSON text. `read` is what was read, for the audit lines. */
  interpolate(
    caller: Caller,
    body: JsonNode,
    options?: InterpolateOptions,
  ): Promise<{ json: Secret; read: readonly Touched[] }>;
  keyUsage(): Promise<{ activeKey: number; inactiveKeys: number; unknownKeys: number }>;
}

/**
 * The operations on certificates (docs/reference/credhub-server.md#certificates-endpoints). Ids are credential ids;
 * `body` is undefined where the request had none.
 */
export interface Certificates {
  list(caller: Caller, name?: string): Promise<ListedCertificate[]>;
  versions(caller: Caller, credentialId: string, current: boolean): Promise<CredentialView[]>;
  regenerate(caller: Caller, credentialId: string, body: JsonNode | undefined): Promise<CredentialView>;
  createVersion(caller: Caller, credentialId: string, body: JsonNode): Promise<CredentialView>;
  updateTransitionalVersion(caller: Caller, credentialId: string, body: JsonNode): Promise<CredentialView[]>;
  deleteVersion(caller: Caller, credentialId: string, versionId: string): Promise<CredentialView>;
}

/** The operations on permissions (docs/reference/credhub-server.md#permission-rules). */
export interface Permissions {
  listV1(caller: Caller, credentialName: string): Promise<{ credentialName: string; permissions: PermissionRow[] }>;
  /** Resolves to the list afterwards (level 1 answers it, level 2 answers an empty body). */
  addV1(caller: Caller, body: JsonNode): Promise<{ credentialName: string; permissions: PermissionRow[] }>;
  deleteV1(caller: Caller, query: { credentialName: string; actor: string }): Promise<PermissionRow>;
  create(caller: Caller, body: JsonNode): Promise<PermissionRow>;
  find(caller: Caller, query: { path: string; actor: string }): Promise<PermissionRow>;
  get(caller: Caller, uuid: string): Promise<PermissionRow>;
  put(caller: Caller, uuid: string, body: JsonNode): Promise<PermissionRow>;
  patch(caller: Caller, uuid: string, body: JsonNode): Promise<PermissionRow>;
  delete(caller: Caller, uuid: string): Promise<PermissionRow>;
  /** Configured entries, added at every start (union with what is stored). */
  seed(
    entries: readonly { path: string; actors: readonly string[]; operations: readonly Operation[] }[],
  ): Promise<void>;
}

export type { Access, AuditEvent };
