/**
 * Names, versions, permissions: everything of CredHub that is not secret bytes. Relational and transactional.
 *
 * Duties of every implementer:
 * - a method is all-or-nothing, and what it acknowledged survives kill -9 of server and database;
 * - names are found by lower case; the first spelling stays; permission paths compare case-sensitively with the
 *   spelling of the request, through `permissionPaths(name)` of `permissions/paths.ts`
 *   (docs/reference/credhub-server.md#names, docs/reference/credhub-server.md#permission-rules);
 * - versions of a name are ordered by `seq`, given under the name's row lock, never by a clock;
 * - writers of one name queue in the database, across processes too;
 * - a method called with `access.actor === null` (ACLs off) skips every permission check;
 * - nothing secret in an error. Every method may throw CredError `unavailable` (database away, or the deadline passed).
 */
import type { AuditEvent } from './audit.ts';
import type { Access, Grant, Operation } from './permissions.ts';
import type { Sealed } from './vault.ts';

/** Plain columns of a certificate version, so that lists, expiry, converge and bulk-regenerate open no secret. */
export interface CertificateColumns {
  /** PEM text as stored and returned; `null` when absent. */
  readonly certificate: string | null;
  /**
   * Text of the CA that signed (docs/reference/ca-rotation.md#stored); `null` when absent. A copy: later changes of the
   * CA leave it alone.
   */
  readonly ca: string | null;
  /** Text of the other version of a CA that rotates: trusted, but it did not sign. */
  readonly trustedCa: string | null;
  /** Name of the signing credential with its slash; own name when self-signed; `null` when unknown. */
  readonly caName: string | null;
  readonly expiresAt: Date | null;
  readonly certificateAuthority: boolean;
  readonly selfSigned: boolean;
  /** `null`: not known (create version). */
  readonly generated: boolean | null;
  readonly transitional: boolean;
}

/** What a version shows without opening its secret. */
export interface PlainParts {
  /** Generation parameters as JSON text, for password and user; `null`: set by hand. */
  readonly parameters: string | null;
  readonly username: string | null;
  /** rsa and ssh: as stored. */
  readonly publicKey: string | null;
  readonly certificate: CertificateColumns | null;
}

export interface VersionRow extends PlainParts {
  readonly id: string;
  readonly credentialId: string;
  /** First spelling. */
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

/** A CA as a signer sees it: only certificates count; undefined where the name is missing or of another type. */
export interface SignerView {
  readonly readable: boolean;
  readonly credentialId: string;
  readonly name: string;
  /** Newest version that is not transitional. */
  readonly active: VersionRow | undefined;
  readonly transitional: VersionRow | undefined;
}

/** All that a set, generate or regenerate must know, read in one statement. */
export interface WriteView {
  readonly held: ReadonlySet<Operation>;
  /** undefined: no such name. `seq` is the counter of the name, the condition of the write to come. */
  readonly credential:
    | { readonly id: string; readonly name: string; readonly type: string; readonly seq: number }
    | undefined;
  /** Newest version that is not transitional; for other types than certificate simply the newest. */
  readonly active: VersionRow | undefined;
  readonly transitional: VersionRow | undefined;
  readonly signer: SignerView | undefined;
}

export interface WriteRequest {
  readonly access: Access;
  /** As requested, with its leading slash; becomes the first spelling when the name is new. */
  readonly name: string;
  readonly type: string;
  /**
   * Who may create a name, and whether the creator gets all five operations on it
   * (docs/reference/credhub-server.md#levels).
   */
  readonly creation: 'anyone_and_owns' | 'needs_write';
  /** Added (union) in the same transaction; on an existing name they need write_acl. */
  readonly grants: readonly Grant[];
  /**
   * `any`: always write. `absent`: only when the name does not exist. Else: only when the name's id and counter are
   * still these; `seq: null`: only the id (regenerate: each adds a version, but never to a name that was deleted
   * meanwhile).
   */
  readonly expect: 'any' | 'absent' | { readonly credentialId: string; readonly seq: number | null };
  readonly version: NewVersion;
  /** Deleted in the same transaction (see {@link Intents}). */
  readonly intent?: string | undefined;
  readonly audit: AuditEvent;
}

/**
 * In this order of precedence: `denied` (no write on an existing name, or on a new one that needs it), `type_mismatch`,
 * `changed` (the expectation does not hold: read again, decide again), `denied_acl`, `written`.
 */
export type WriteResult =
  | { readonly outcome: 'written'; readonly row: VersionRow; readonly created: boolean }
  | { readonly outcome: 'denied' | 'type_mismatch' | 'changed' | 'denied_acl' };

/** One certificate's part of a {@link CertificateChange}. */
export interface CertificateWrite {
  readonly credentialId: string;
  /**
   * The write happens only while the name's counter is still this. Several writes of one name are ordered as they are
   * listed.
   */
  readonly expectSeq: number;
  readonly version: NewVersion;
  /**
   * The stored version of the same name that {@link version} copies; `movesMark`: that one is no longer transitional.
   */
  readonly copyOf?: { readonly versionId: string; readonly movesMark: boolean } | undefined;
  readonly intent?: string | undefined;
}

/** Several certificates at once, all or nothing: bulk-regenerate, a CA and the concatenated `ca` of its children. */
export interface CertificateChange {
  readonly access: Access;
  /** Names that must all be writable by the actor, else `denied`. */
  readonly needWrite: readonly string[];
  /** At most one version of the credential keeps the transitional mark: `versionId`, or none. */
  readonly transitional?:
    | { readonly credentialId: string; readonly expectSeq: number; readonly versionId: string | null }
    | undefined;
  readonly writes: readonly CertificateWrite[];
  readonly audit: readonly AuditEvent[];
}

export interface FoundName {
  readonly name: string;
  readonly versionCreatedAt: Date;
  /** Only for `expiresBefore` searches. */
  readonly expiresAt?: Date | null;
}

export interface FindQuery {
  readonly access: Access;
  /**
   * `path`: folder with leading and trailing slash (`/` = all), case-insensitive prefix. `nameLike`: literal substring,
   * any case.
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

/** The change that goes with the deletion of a version: copies of what the CA signed. */
export interface CertificateDeletion {
  readonly access: Access;
  readonly credentialId: string;
  readonly versionId: string;
  readonly expectSeq: number;
  readonly writes: readonly CertificateWrite[];
  readonly audit: readonly AuditEvent[];
}

export interface ListedCertificate {
  readonly credentialId: string;
  readonly name: string;
  /** Newest first; sealed bytes are not read. In a list of all names the PEM texts (certificate, ca) are null. */
  readonly versions: readonly Omit<VersionRow, 'sealed'>[];
  /**
   * Names any of whose versions has this one as caName, itself left out (recorded: certificates, "by name: signer
   * changed").
   */
  readonly signs: readonly string[];
}

export interface CredentialRecords {
  /**
   * One prepared statement: permission and versions together. Newest first; `[]` when missing or not readable.
   * `current`: the active version, for certificates followed by the transitional one. Else all, at most `limit`.
   */
  readByName(query: {
    access: Access;
    name: string;
    current: boolean;
    limit?: number | undefined;
  }): Promise<VersionRow[]>;
  /** One prepared statement. undefined when missing or not readable. `id` is a version id. */
  readById(query: { access: Access; id: string }): Promise<VersionRow | undefined>;
  /**
   * Many names at once for interpolate: newest version of each, by requested spelling; what is missing or unreadable is
   * left out.
   */
  readMany(query: { access: Access; names: readonly string[] }): Promise<ReadonlyMap<string, VersionRow>>;

  /** `signer`: a CA name; `'stored'`: the caName of the newest version, transitional or not. */
  viewForWrite(query: { access: Access; name: string; signer?: string | 'stored' | undefined }): Promise<WriteView>;
  /**
   * The same by credential id (certificates API), `'stored'`: of the active version. undefined: unknown id or no
   * certificate.
   */
  viewCertificate(query: {
    access: Access;
    credentialId: string;
    signer?: string | 'stored' | undefined;
  }): Promise<WriteView | undefined>;
  /** The hot write: one prepared statement unless grants need more. */
  write(request: WriteRequest): Promise<WriteResult>;

  /** Removes the name with all versions (and, when asked, the permission entries of exactly that path). */
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
  /** Every folder prefix of readable names, each with trailing slash, sorted, distinct. */
  paths(query: { access: Access }): Promise<string[]>;

  listCertificates(query: { access: Access; name?: string | undefined }): Promise<ListedCertificate[]>;
  certificateVersions(query: {
    access: Access;
    credentialId: string;
    current: boolean;
  }): Promise<VersionRow[] | undefined>;
  /**
   * Newest versions (transitional or not) of every certificate any of whose versions, old ones too, has the given
   * caName (any case; recorded: bulk-regenerate, "a leaf that once had the ca"), the CA itself left out. No permission
   * applied.
   */
  signedBy(query: { caName: string }): Promise<SignedRow[]>;
  /**
   * Active and transitional versions of every certificate whose active version (the transitional one where none is
   * active) has the given caName in any case, the CA itself left out. Versions of one name in the order of their `seq`.
   * No permission applied.
   */
  childrenOf(query: { caName: string }): Promise<SignedRow[]>;
  /** All or nothing; `changed` when an expectation failed, `denied` when a name of `needWrite` is not writable. */
  changeCertificates(
    change: CertificateChange,
  ): Promise<{ outcome: 'written'; rows: readonly VersionRow[] } | { outcome: 'denied' | 'changed' }>;
  /**
   * `last`: refused, the only version. `missing`: unknown pair or no delete permission. `changed`: an expectation
   * failed.
   */
  deleteCertificateVersion(
    request: CertificateDeletion,
  ): Promise<{ outcome: 'deleted'; row: VersionRow } | { outcome: 'missing' | 'last' | 'changed' }>;

  /** Versions by the key of their sealed value, for key-usage. */
  countByKey(): Promise<ReadonlyMap<string, number>>;
}

/** A version whose row is gone. */
export interface DeletedVersion {
  readonly id: string;
  /** The key or vault that its value is sealed under. */
  readonly keyId: string;
}
