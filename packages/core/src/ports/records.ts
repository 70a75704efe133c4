/**
 * The records of CredHub, without secret values: names, versions and permissions. Relational and transactional.
 *
 * Duties of every implementer:
 * - a method is atomic, and durable once acknowledged, even after kill -9 of server and database;
 * - names are case-insensitive and keep the spelling of their creation; permission paths are case-sensitive and are
 *   compared with the spelling of the request, through `permissionPaths(name)` of `permissions/paths.ts`
 *   (docs/reference/credhub-server.md#names, docs/reference/credhub-server.md#permission-rules);
 * - versions of a name are ordered by `seq`, which is assigned under the name's row lock, not by time;
 * - writers of one name are serialised in the database, across processes;
 * - a method called with `access.actor === null` (ACLs off) skips every permission check;
 * - errors contain no secrets. Every method may throw CredError `unavailable` (no database, or the deadline passed).
 */
import type { AuditEvent } from './audit.ts';
import type { Access, Grant, Operation } from './permissions.ts';
import type { Sealed } from './vault.ts';

/**
 * Plain columns of a certificate version. Lists, expiry, converge and bulk-regenerate need no secret because of them.
 */
export interface CertificateColumns {
  /** PEM text as stored and returned; `null` when absent. */
  readonly certificate: string | null;
  /**
   * Text of the CA that signed (docs/reference/ca-rotation.md#stored); `null` when absent. A copy: later changes of the
   * CA leave it alone.
   */
  readonly ca: string | null;
  /** Text of the other version of a rotating CA, which is trusted but did not sign. */
  readonly trustedCa: string | null;
  /** Name of the signing credential with its slash; own name when self-signed; `null` when unknown. */
  readonly caName: string | null;
  readonly expiresAt: Date | null;
  readonly certificateAuthority: boolean;
  readonly selfSigned: boolean;
  /** `null`: unknown (create version). */
  readonly generated: boolean | null;
  readonly transitional: boolean;
}

/** The fields of a version that are not secret. */
export interface PlainParts {
  /** Generation parameters as JSON text, for password and user; `null`: set by hand. */
  readonly parameters: string | null;
  readonly username: string | null;
  /** For rsa and ssh. */
  readonly publicKey: string | null;
  readonly certificate: CertificateColumns | null;
}

export interface VersionRow extends PlainParts {
  readonly id: string;
  readonly credentialId: string;
  /** In the spelling of its creation. */
  readonly name: string;
  readonly type: string;
  readonly seq: number;
  readonly createdAt: Date;
  /** JSON text, normalised; `null` when none. */
  readonly metadata: string | null;
  readonly sealed: Sealed;
}

export interface NewVersion extends PlainParts {
  readonly id: string;
  readonly createdAt: Date;
  readonly metadata: string | null;
  readonly sealed: Sealed;
}

/** The versions of a CA. Undefined in a view if the name does not exist or is of another type. */
export interface SignerView {
  readonly readable: boolean;
  readonly credentialId: string;
  readonly name: string;
  /** Newest version that is not transitional. */
  readonly active: VersionRow | undefined;
  readonly transitional: VersionRow | undefined;
}

/** The versions of a CA under which a certificate was signed. The write requires that they still are the current ones. */
export interface SignerState {
  readonly credentialId: string;
  readonly activeId: string | null;
  readonly transitionalId: string | null;
}

/** Everything that set, generate and regenerate need, read in one statement. */
export interface WriteView {
  readonly held: ReadonlySet<Operation>;
  /** undefined: no such name. `seq` is the name's counter, used as the condition of the write. */
  readonly credential:
    | { readonly id: string; readonly name: string; readonly type: string; readonly seq: number }
    | undefined;
  /** Newest version that is not transitional. For types other than certificate, the newest version. */
  readonly active: VersionRow | undefined;
  readonly transitional: VersionRow | undefined;
  readonly signer: SignerView | undefined;
}

export interface WriteRequest {
  readonly access: Access;
  /** With its leading slash, in the spelling of the request, which a new name keeps. */
  readonly name: string;
  readonly type: string;
  /**
   * Who may create a name, and whether the creator gets all five operations on it
   * (docs/reference/credhub-server.md#levels).
   */
  readonly creation: 'anyone_and_owns' | 'needs_write';
  /** Added to existing entries in the same transaction. On an existing name this requires write_acl. */
  readonly grants: readonly Grant[];
  /**
   * The condition of the write. `any`: none. `absent`: the name does not exist. An object: the name's id and counter
   * are unchanged. `seq: null` compares only the id, as regenerate does: it always adds a version, unless the name was
   * deleted meanwhile.
   */
  readonly expect: 'any' | 'absent' | { readonly credentialId: string; readonly seq: number | null };
  /** The CA that signed the version; `changed` unless it is as it was. */
  readonly signer?: SignerState | undefined;
  readonly version: NewVersion;
  /** Deleted in the same transaction (see {@link Intents}). */
  readonly intent?: string | undefined;
  readonly audit: AuditEvent;
}

/**
 * In order of precedence: `denied` (missing write permission), `type_mismatch`, `changed` (the expectation does not
 * hold, so the caller must read again), `denied_acl`, `written`.
 */
export type WriteResult =
  | { readonly outcome: 'written'; readonly row: VersionRow; readonly created: boolean }
  | { readonly outcome: 'denied' | 'type_mismatch' | 'changed' | 'denied_acl' };

/** One certificate's part of a {@link CertificateChange}. */
export interface CertificateWrite {
  readonly credentialId: string;
  /** The write requires this counter of the name. Several writes of one name are applied in list order. */
  readonly expectSeq: number;
  readonly version: NewVersion;
  /** The version of the same name that {@link version} copies. `movesMark`: the original stops being transitional. */
  readonly copyOf?: { readonly versionId: string; readonly movesMark: boolean } | undefined;
  readonly intent?: string | undefined;
}

/** An atomic change of several certificates: bulk-regenerate, or a CA together with the `ca` of its children. */
export interface CertificateChange {
  readonly access: Access;
  /** Names that must all be writable by the actor, else `denied`. */
  readonly needWrite: readonly string[];
  /** Makes `versionId` the only transitional version of the credential; null: none. */
  readonly transitional?:
    | { readonly credentialId: string; readonly expectSeq: number; readonly versionId: string | null }
    | undefined;
  /** The CAs that signed the versions, apart from those that are changed here; `changed` unless they are as they were. */
  readonly signers?: readonly SignerState[] | undefined;
  /** The name of a CA; `changed` unless {@link writes} copy the versions of all of its children, as `childrenOf` has them. */
  readonly copiesChildrenOf?: string | undefined;
  readonly writes: readonly CertificateWrite[];
  readonly audit: readonly AuditEvent[];
}

/** A name and its times, in UTC with whole seconds (`2026-01-02T03:04:05Z`): a find only passes them on. */
export interface FoundName {
  readonly name: string;
  readonly versionCreatedAt: string;
  /** Only for `expiresBefore` searches. */
  readonly expiresAt?: string;
}

export interface FindQuery {
  readonly access: Access;
  /**
   * `path`: a folder with leading and trailing slash (`/`: all), as a case-insensitive prefix. `nameLike`: a literal
   * substring in any case.
   */
  readonly by: { readonly path: string } | { readonly nameLike: string };
  /**
   * Only certificates whose active or transitional version ends at or before this
   * (docs/reference/credhub-server.md#find, docs/reference/divergences.md#names-find-ids).
   */
  readonly expiresBefore?: Date | undefined;
}

/** `nameSeq`: the counter of the name, which {@link CertificateWrite.expectSeq} is compared with. */
export type SignedRow = VersionRow & { readonly nameSeq: number };

/** The deletion of a version, with copies of the certificates that the CA signed. */
export interface CertificateDeletion {
  readonly access: Access;
  readonly credentialId: string;
  readonly versionId: string;
  readonly expectSeq: number;
  /** As in {@link CertificateChange}. */
  readonly copiesChildrenOf?: string | undefined;
  readonly writes: readonly CertificateWrite[];
  readonly audit: readonly AuditEvent[];
}

export interface ListedCertificate {
  readonly credentialId: string;
  readonly name: string;
  /** Newest first, without sealed bytes. In a list of all names, the PEM texts (certificate, ca) are null. */
  readonly versions: readonly Omit<VersionRow, 'sealed'>[];
  /** Other names with a version signed by this CA (recorded: certificates, "by name: signer changed"). */
  readonly signs: readonly string[];
}

export interface CredentialRecords {
  /**
   * Reads permission and versions in one prepared statement, newest first; `[]` if missing or not readable. `current`:
   * the active version, for certificates followed by the transitional one. Otherwise all versions, at most `limit`.
   */
  readByName(query: {
    access: Access;
    name: string;
    current: boolean;
    limit?: number | undefined;
  }): Promise<VersionRow[]>;
  /** Reads a version by its id in one prepared statement; undefined if missing or not readable. */
  readById(query: { access: Access; id: string }): Promise<VersionRow | undefined>;
  /**
   * Many names at once for interpolate: newest version of each, by requested spelling; what is missing or unreadable is
   * left out.
   */
  readMany(query: { access: Access; names: readonly string[] }): Promise<ReadonlyMap<string, VersionRow>>;

  /**
   * Reads a name for a write. `signer`: a CA name; `'stored'`: the caName of the newest version, transitional or not.
   */
  viewForWrite(query: { access: Access; name: string; signer?: string | 'stored' | undefined }): Promise<WriteView>;
  /**
   * Reads a certificate by credential id for a write. `'stored'`: the caName of the active version. undefined: unknown
   * id, or not a certificate.
   */
  viewCertificate(query: {
    access: Access;
    credentialId: string;
    signer?: string | 'stored' | undefined;
  }): Promise<WriteView | undefined>;
  /** Writes a version, in one prepared statement unless there are grants. */
  write(request: WriteRequest): Promise<WriteResult>;

  /** Deletes a name with all versions and, with `dropPermissions`, the permission entries of exactly that path. */
  delete(request: {
    access: Access;
    name: string;
    dropPermissions: boolean;
    audit: AuditEvent;
  }): Promise<{ deleted: false } | { deleted: true; credentialId: string; versions: readonly DeletedVersion[] }>;

  /**
   * Streams names the actor can read, newest version first, each once, in bounded memory. Plain finds leave out
   * certificates with only transitional versions.
   */
  find(query: FindQuery): AsyncIterable<readonly FoundName[]>;
  /** Lists the distinct folders of readable names, sorted, each with a trailing slash. */
  paths(query: { access: Access }): Promise<string[]>;

  listCertificates(query: { access: Access; name?: string | undefined }): Promise<ListedCertificate[]>;
  certificateVersions(query: {
    access: Access;
    credentialId: string;
    current: boolean;
  }): Promise<VersionRow[] | undefined>;
  /**
   * Lists the newest version, transitional or not, of every certificate with a current or old version signed by this
   * CA, except the CA itself. Case-insensitive (recorded: bulk-regenerate, "a leaf that once had the ca"). Checks no
   * permission.
   */
  signedBy(query: { caName: string }): Promise<SignedRow[]>;
  /**
   * Lists the active and transitional versions of every certificate whose active version is signed by this CA, except
   * the CA itself. Without an active version, the transitional one counts. Case-insensitive. Versions of one name are
   * ordered by `seq`. Checks no permission.
   */
  childrenOf(query: { caName: string }): Promise<SignedRow[]>;
  /** Atomic. `changed`: an expectation does not hold. `denied`: a name of `needWrite` is not writable. */
  changeCertificates(
    change: CertificateChange,
  ): Promise<{ outcome: 'written'; rows: readonly VersionRow[] } | { outcome: 'denied' | 'changed' }>;
  /**
   * Deletes a version. `last`: refused, because it is the only one. `missing`: unknown ids or no delete permission.
   * `changed`: an expectation does not hold.
   */
  deleteCertificateVersion(
    request: CertificateDeletion,
  ): Promise<{ outcome: 'deleted'; row: VersionRow } | { outcome: 'missing' | 'last' | 'changed' }>;

  /** Counts versions by the id of their encryption key, for key-usage. */
  countByKey(): Promise<ReadonlyMap<string, number>>;
}

/** A version whose row was deleted. */
export interface DeletedVersion {
  readonly id: string;
  /** The key or vault that its value is sealed under. */
  readonly keyId: string;
}
