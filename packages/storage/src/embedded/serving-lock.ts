/** Connections to the embedded PostgreSQL for its own administration, and the advisory lock of the server that serves a folder. */
import postgres from 'postgres';
import { USER } from './cluster.ts';
import { SOCKET_PORT } from './socket-folder.ts';

export const DATABASE = 'credplex';
/** Any number that nothing else in the database locks. */
const SERVING_LOCK = 727_004;

function connect(folder: string, database: string, onclose: () => void): postgres.Sql {
  return postgres({
    host: folder,
    port: SOCKET_PORT,
    user: USER,
    database,
    max: 1,
    fetch_types: false,
    connect_timeout: 5,
    idle_timeout: 0,
    // The lock lives as long as this connection.
    max_lifetime: null,
    onclose,
    onnotice: () => {},
    connection: { application_name: 'credplex lock' },
  });
}

/** Creates our database when it is not there. */
export async function ensureDatabase(folder: string): Promise<void> {
  const admin = connect(folder, 'postgres', () => {});
  try {
    if ((await admin`select from pg_database where datname = ${DATABASE}`).length > 0) return;
    await admin.unsafe(`create database ${DATABASE}`).catch((error) => {
      // Another start was faster.
      if (error.code !== '42P04' && error.code !== '23505') throw error;
    });
  } finally {
    await admin.end({ timeout: 5 });
  }
}

export interface LockConnection {
  /** Takes the serving lock; false when another connection holds it. */
  tryLock(): Promise<boolean>;
  unlock(): Promise<void>;
  /** Whether other connections of ours exist. */
  hasOthers(): Promise<boolean>;
  /** Resolves when the connection is closed, and with it the lock is gone. */
  readonly lost: Promise<void>;
  end(): Promise<void>;
}

/** Opens the connection that holds the serving lock. It is made by the first call and never made a second time. */
export function openLockConnection(folder: string): LockConnection {
  const { promise: lost, resolve } = Promise.withResolvers<void>();
  const sql = connect(folder, DATABASE, () => {
    resolve();
    // The driver would connect anew for the next statement, to a session without the lock.
    sql.end({ timeout: 0 }).catch(() => {});
  });
  return {
    tryLock: async () => (await sql`select pg_try_advisory_lock(${SERVING_LOCK}) as held`)[0]?.held === true,
    unlock: async () => void (await sql`select pg_advisory_unlock(${SERVING_LOCK})`),
    async hasOthers() {
      const rows = await sql`select from pg_stat_activity
        where backend_type = 'client backend' and pid <> pg_backend_pid() and application_name like 'credplex%'`;
      return rows.length > 0;
    },
    lost,
    end: () => sql.end({ timeout: 5 }),
  };
}
