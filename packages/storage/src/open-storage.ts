import {
  type AccountRecords,
  CredError,
  type CredentialRecords,
  type Intents,
  type IsSignedBy,
  type PermissionRecords,
  type PlexsphereRecords,
  type Secret,
  type SecretVault,
  type SharedSecrets,
} from '@credplex/core';
import { createAccountRecords } from './accounts/accounts.ts';
import { type AuditLog, createAuditLog } from './audit/audit-log.ts';
import { type ClosableReadAudit, createReadAudit } from './audit/read-audit.ts';
import { createCredentialRecords } from './credentials/credentials.ts';
import { repairAuthorities } from './credentials/repair-authorities.ts';
import { loadSealed } from './credentials/sealed-column.ts';
import { createPermissionRecords } from './permissions/permissions.ts';
import { createPlexsphereRecords } from './plexsphere/plexsphere.ts';
import { createOutboxPrune, type PruneRequest } from './plexsphere/prune-outbox.ts';
import { type Database, openDatabase } from './postgres/database.ts';
import { migrate } from './postgres/migrate.ts';
import { poolSizesOf } from './postgres/pools.ts';
import { createIntents } from './vault/intents.ts';
import { type KeyRingConfig, openKeyRing } from './vault/key-ring.ts';
import { withLargeValues } from './vault/large-values.ts';
import { createSharedSecrets } from './vault/shared-secrets.ts';
import { createSqlVault, type LocalVault } from './vault/sql.ts';
import { createVaultRouter } from './vault/vault-router.ts';
import { type ConfiguredVault, openConfiguredVaults, type VaultSettings } from './vault/vaults.ts';

export interface StorageConfig {
  /** URL of an external PostgreSQL; `undefined` for the embedded one in `dataDir`. */
  readonly databaseUrl: Secret | undefined;
  /** Connections of this process, at least 6. Default: 26. */
  readonly connections?: number | undefined;
  readonly dataDir: string;
  /** `serve` (the default) requires exclusive use of an embedded store. `operate` is for a command that may run beside a server. */
  readonly purpose?: 'serve' | 'operate';
  readonly encryption: KeyRingConfig;
  readonly vault: VaultSettings;
  /**
   * Verifies signatures. When set, rows of earlier releases are repaired before the storage is used
   * (docs/reference/storage.md#rows-of-earlier-releases).
   */
  readonly isSignedBy?: IsSignedBy | undefined;
  /** Checked between the steps of opening. When aborted, everything is closed and the signal's reason is thrown. */
  readonly stop?: AbortSignal | undefined;
  /** Receives one-line notices for the log, such as what was started and what is missing. */
  readonly onNotice?: (line: string, level?: 'info' | 'warn') => void;
}

export interface Storage {
  readonly credentials: CredentialRecords;
  readonly permissions: PermissionRecords;
  readonly intents: Intents;
  readonly shared: SharedSecrets;
  readonly accounts: AccountRecords;
  readonly plexsphere: PlexsphereRecords;
  /** Deletes one batch of events from before a date; see {@link createOutboxPrune}. */
  readonly pruneOutbox: (request: PruneRequest) => Promise<number>;
  readonly readAudit: ClosableReadAudit;
  readonly auditLog: AuditLog;
  readonly vault: SecretVault;
  /** All configured remote vaults, whether or not new values go there. */
  readonly remoteVaults: readonly ConfiguredVault[];
  /** Seals and opens `shared` secrets under the key ring, whatever the vault is. */
  readonly keyRing: LocalVault;
  /** The database, for other families of tables: `createXRecords(storage.sql)`. */
  readonly sql: Database;
  /** Checks the connection to the database. @throws CredError `unavailable` */
  ping(): Promise<void>;
  /** Flushes the audit queue, closes the pools, and stops the embedded PostgreSQL when this process started it. */
  close(): Promise<void>;
}

interface OpenedDatabase {
  readonly url: string;
  /** Whether statements may be sent now. Default: always `true`. */
  readonly isAvailable?: () => boolean;
  close(): Promise<void>;
}

/** How to open each URL scheme; a new kind of database is a line here and a file. */
const DATABASES: Readonly<Record<string, (url: string, config: StorageConfig) => Promise<OpenedDatabase>>> = {
  'postgres:': async (url) => ({ url, close: async () => {} }),
  'postgresql:': async (url) => ({ url, close: async () => {} }),
  'embedded:': async (_, { dataDir, purpose = 'serve', stop, onNotice }) => {
    const { openEmbedded } = await import('./embedded/embedded.ts');
    const embedded = await openEmbedded({ dataDir, purpose, stop, onNotice });
    onNotice?.(`embedded PostgreSQL in ${dataDir} ${embedded.origin}`);
    return embedded;
  },
};

interface OpenedVaults {
  readonly vault: SecretVault;
  readonly remoteVaults: readonly ConfiguredVault[];
  close(): Promise<void>;
}

/** Opens the configured vaults. New values go to the vault of `vault.kind`; `sql` is the key ring itself. */
async function openVaults(config: StorageConfig, keyRing: LocalVault): Promise<OpenedVaults> {
  const { kind } = config.vault;
  const remoteVaults = await openConfiguredVaults(config.vault);
  const activeVault = remoteVaults.find((candidate) => candidate.kind === kind);
  const close = async (): Promise<void> => {
    for (const { vault } of remoteVaults) await vault.close();
  };
  try {
    if (kind !== 'sql' && activeVault === undefined) {
      throw new Error(`vault.kind is ${kind}, but vault.${kind} is not configured`);
    }
    if (activeVault !== undefined && config.purpose !== 'operate') await requireRetention(activeVault, config);
  } catch (error) {
    await close();
    throw error;
  }
  const remotes = remoteVaults.map(({ vault }) => vault);
  const active = activeVault?.vault ?? keyRing;
  const others = [keyRing, ...remotes].filter((vault) => vault !== active);
  return { vault: others.length === 0 ? active : createVaultRouter(active, others), remoteVaults, close };
}

const INSPECTION_TIMEOUT_MS = 2_000;

/** An unreachable vault does not prevent a start: the readiness check repeats this, and each write detects a pending deletion. */
async function requireRetention({ kind, vault }: ConfiguredVault, { onNotice }: StorageConfig): Promise<void> {
  const report = await vault.inspectRetention?.(AbortSignal.timeout(INSPECTION_TIMEOUT_MS)).catch(() => undefined);
  if (report?.outcome === 'loses_values') throw new Error(`vault.${kind}: ${report.text}`);
  if (report?.outcome === 'unreadable') onNotice?.(`vault.${kind}: ${report.text}`, 'warn');
}

/** Describes errors that an operator can fix, by SQLSTATE class (PostgreSQL, Appendix A) and system error code. */
function describeDatabaseError(error: unknown): unknown {
  if (!(error instanceof CredError) || !(error.cause instanceof Error)) return error;
  const facts = error.cause.message.replace(/^database: /, '');
  const reasons: readonly (readonly [RegExp, string])[] = [
    [/^28/, 'refuses the login'],
    [/^3D000/, 'does not exist'],
    [/^42501/, 'does not let us create tables'],
    [/^(E|CONN)/, 'cannot be reached'],
    [/in time$/, 'does not answer'],
  ];
  const reason = reasons.find(([pattern]) => pattern.test(facts))?.[1] ?? 'cannot be used';
  return new Error(`the database ${reason} (${facts})`, { cause: error });
}

/** Progress is logged after each of so many repaired rows. */
const REPAIR_NOTICE_ROWS = 5_000;

async function repairRows(sql: Database, { isSignedBy, stop, onNotice }: StorageConfig): Promise<void> {
  if (isSignedBy === undefined) return;
  let next = REPAIR_NOTICE_ROWS;
  const { repaired, unverified } = await repairAuthorities(sql, isSignedBy, {
    signal: stop,
    onProgress(progress) {
      const rows = progress.repaired + progress.unverified;
      if (rows < next) return;
      next = rows + REPAIR_NOTICE_ROWS;
      onNotice?.(`certificates of an earlier release: ${rows} versions so far`);
    },
  });
  if (repaired + unverified === 0) return;
  onNotice?.(
    `certificates of an earlier release: ${repaired} versions have their signing CA, ${unverified} keep their ca, which does not verify them`,
  );
}

/**
 * Opens the configured backends, brings the schema up to date and checks the keys.
 * @throws Error with one line for whatever an operator can fix: unreachable database, newer schema, unknown key, unwritable
 * folder. An unreachable remote vault does not prevent a start.
 */
export async function openStorage(config: StorageConfig): Promise<Storage> {
  const url = config.databaseUrl?.reveal() ?? 'embedded:';
  const scheme = /^[a-z]+:/i.exec(url)?.[0].toLowerCase() ?? '';
  const open = DATABASES[scheme];
  if (!open) throw new Error(`database.url must start with postgres:// (it starts with ${scheme || 'no scheme'})`);
  const undo: (() => Promise<void>)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of undo.splice(0).reverse()) await close();
  };
  try {
    const database = await open(url, config);
    undo.push(database.close);
    config.stop?.throwIfAborted();
    const { trigrams } = await migrate(database.url).catch((error) => {
      throw describeDatabaseError(error);
    });
    if (!trigrams) config.onNotice?.('pg_trgm cannot be created in this database: find by name-like reads every name');
    config.stop?.throwIfAborted();
    const { isAvailable } = database;
    const sql = openDatabase(database.url, {
      ...(config.connections === undefined ? {} : { sizes: poolSizesOf(config.connections) }),
      ...(isAvailable ? { isAvailable } : {}),
    });
    undo.push(sql.close);
    await repairRows(sql, config);
    const keyRing = createSqlVault(await openKeyRing(sql, config.encryption));
    const { vault: activeVault, remoteVaults, close } = await openVaults(config, keyRing);
    const vault = withLargeValues(activeVault, keyRing, (id) => loadSealed(sql.slowQuery, id));
    undo.push(close);
    const readAudit = createReadAudit(sql, (error) =>
      config.onNotice?.(`audit rows of reads were refused: ${error.code}`),
    );
    undo.push(readAudit.close);
    return {
      credentials: createCredentialRecords(sql),
      permissions: createPermissionRecords(sql),
      intents: createIntents(sql),
      shared: createSharedSecrets(sql),
      accounts: createAccountRecords(sql),
      plexsphere: createPlexsphereRecords(sql),
      pruneOutbox: createOutboxPrune(sql),
      readAudit,
      auditLog: createAuditLog(sql),
      vault,
      remoteVaults,
      keyRing,
      sql,
      ping: sql.ping,
      close: closeAll,
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}
