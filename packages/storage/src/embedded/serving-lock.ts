/** Administrative connections to the embedded PostgreSQL, and the advisory lock of the server that serves its folder. */
import postgres from 'postgres';
import { USER } from './cluster.ts';
import { SOCKET_PORT } from './socket-folder.ts';

export const DATABASE = 'credplex';
/** An advisory lock number that no other code uses. */
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
    // The lock lasts as long as this connection.
    max_lifetime: null,
    onclose,
    onnotice: () => {},
    connection: { application_name: 'credplex lock' },
  });
}

/** Creates the database `credplex` when it does not exist. */
export async function ensureDatabase(folder: string): Promise<void> {
  const admin = connect(folder, 'postgres', () => {});
  try {
    if ((await admin`select from pg_database where datname = ${DATABASE}`).length > 0) return;
    await admin.unsafe(`create database ${DATABASE}`).catch((error) => {
      // A concurrent start has created it.
      if (error.code !== '42P04' && error.code !== '23505') throw error;
    });
  } finally {
    await admin.end({ timeout: 5 });
  }
}

export interface LockConnection {
  /** Takes the serving lock; resolves to `false` when another connection holds it. */
  tryLock(): Promise<boolean>;
  unlock(): Promise<void>;
  /** Whether other connections of Credplex exist. */
  hasOthers(): Promise<boolean>;
  /** Resolves when the connection is closed and the lock therefore released. */
  readonly lost: Promise<void>;
  end(): Promise<void>;
}

/** Creates the connection for the serving lock. The first statement opens it, and it never reconnects. */
export function openLockConnection(folder: string): LockConnection {
  const { promise: lost, resolve } = Promise.withResolvers<void>();
  const sql = connect(folder, DATABASE, () => {
    resolve();
    // Otherwise the driver would reconnect for the next statement, in a session without the lock.
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
