import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openStorage, type Storage } from '../index.ts';
import { openDatabase } from '../postgres/database.ts';
import { type EmbeddedOptions, type EmbeddedPostgres, openEmbedded } from './embedded.ts';
import { isAlive, lockFilePid, runningPostmaster, serverProcesses } from './postmaster.ts';

let home: string;
/** A data folder to copy, because initdb is slow. */
let template: string;
let copies = 0;
const opened: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'credplex-restart-'));
  chmodSync(home, 0o700);
  template = join(home, 'template');
  await (await openEmbedded({ dataDir: template, purpose: 'serve' })).close();
});
afterEach(async () => {
  for (const resource of opened.splice(0)) await resource.close();
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

function copyFolder(): string {
  copies += 1;
  const dataDir = join(home, `copy-${copies}`);
  cpSync(template, dataDir, { recursive: true });
  return dataDir;
}

async function open(dataDir: string, more: Partial<EmbeddedOptions> = {}): Promise<EmbeddedPostgres> {
  const embedded = await openEmbedded({ dataDir, purpose: 'serve', ...more });
  opened.push(embedded);
  return embedded;
}

function connect(url: string): postgres.Sql {
  const host = new URL(url).searchParams.get('host') ?? '';
  return postgres({ host, port: 5432, user: 'credplex', database: 'credplex', max: 1, onnotice: () => {} });
}

function dataOf(dataDir: string): string {
  return join(dataDir, 'postgres');
}
function postmasterOf(dataDir: string): number {
  return runningPostmaster(dataOf(dataDir))?.pid ?? 0;
}
const DEADLINE = { timeout: 50_000 };

/** Kills the postmaster and waits until the process has ended. */
async function killPostmaster(dataDir: string): Promise<number> {
  const pid = postmasterOf(dataDir);
  process.kill(pid, 'SIGKILL');
  await expect.poll(() => isAlive(pid), DEADLINE).toBe(false);
  return pid;
}

/** Counts the clients that are connected to the server's socket or wait in its queue. */
function socketUsers(dataDir: string): number {
  const file = join(dataDir, 'socket', '.s.PGSQL.5432');
  return readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .filter((line) => line.endsWith(file)).length;
}

describe('an embedded PostgreSQL that dies', () => {
  test('is restarted each time, and acknowledged rows can be read', async () => {
    const dataDir = copyFolder();
    const storage: Storage = await openStorage({
      databaseUrl: undefined,
      dataDir,
      encryption: { keys: [], generatedFile: join(home, 'encryption.key') },
      vault: { kind: 'sql' },
    });
    opened.push(storage);
    await storage.sql.slowQuery('create table acknowledged (round integer)');
    for (const round of [1, 2, 3]) {
      const dead = postmasterOf(dataDir);
      await storage.sql.write('insert into acknowledged values ($1)', [round]);
      process.kill(dead, 'SIGKILL');
      await expect.poll(() => ![0, dead].includes(postmasterOf(dataDir)), DEADLINE).toBe(true);
      const readRounds = () =>
        storage.sql.read<{ round: number }>('select round from acknowledged order by round', []).catch(() => []);
      await expect.poll(async () => (await readRounds()).map((row) => row.round).at(-1), DEADLINE).toBe(round);
      expect(await readRounds()).toHaveLength(round);
    }
  });

  test('is not used before the serving lock is held again', async () => {
    const embedded = await open(copyFolder());
    const db = openDatabase(embedded.url, { isAvailable: embedded.isAvailable });
    const rival = connect(embedded.url);
    try {
      await db.ping();
      const waiting = rival`select pg_advisory_lock(727004)`.execute();
      // The rival must be in the lock queue before the supervisor is.
      const queued = () =>
        db.slowQuery("select from pg_locks where locktype = 'advisory' and objid = 727004 and not granted");
      await expect.poll(async () => (await queued()).length, DEADLINE).toBe(1);
      const [holder] = await db.slowQuery<{ pid: number }>(
        "select pid from pg_locks where locktype = 'advisory' and objid = 727004 and granted",
      );
      await db.slowQuery('select pg_terminate_backend($1)', [String(holder?.pid)]);
      await waiting;
      await expect.poll(() => embedded.isAvailable(), DEADLINE).toBe(false);
      for (const refused of [db.ping(), db.write('select 1', []), db.transaction(async (tx) => tx.run('select 1'))]) {
        await expect(refused).rejects.toMatchObject({ code: 'unavailable' });
      }
      await rival`select pg_advisory_unlock(727004)`;
      await expect.poll(() => embedded.isAvailable(), DEADLINE).toBe(true);
      await db.ping();
    } finally {
      await rival.end({ timeout: 1 });
      await db.close();
    }
  });

  test('leaves its log beside the log of its successor', async () => {
    const dataDir = copyFolder();
    const embedded = await open(dataDir);
    process.kill(postmasterOf(dataDir), 'SIGQUIT');
    const previous = join(dataDir, 'postgres.previous.log');
    const lastWords = () => (existsSync(previous) ? readFileSync(previous, 'utf8') : '');
    await expect.poll(lastWords, DEADLINE).toContain('immediate shutdown');
    await expect.poll(() => embedded.isAvailable(), DEADLINE).toBe(true);
  });

  test('leaves no process when the server is stopped during the restart', async () => {
    const dataDir = copyFolder();
    const embedded = await open(dataDir);
    process.kill(postmasterOf(dataDir), 'SIGKILL');
    await expect.poll(() => embedded.isAvailable(), DEADLINE).toBe(false);
    await embedded.close();
    await expect.poll(() => serverProcesses(dataOf(dataDir)), DEADLINE).toEqual([]);
    expect((await open(dataDir)).origin).toBe('started');
  });
});

describe('a start after a crash', () => {
  test('waits until every process of the earlier server has ended', async () => {
    const dataDir = copyFolder();
    const first = await open(dataDir, { purpose: 'operate' });
    const sql = connect(first.url);
    const [backend] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
    const pid = backend?.pid ?? 0;
    // A stopped backend cannot notice that its postmaster died, like a backend that is busy with a long statement.
    process.kill(pid, 'SIGSTOP');
    const dead = await killPostmaster(dataDir);
    const waits = Promise.withResolvers<string>();
    const second = open(dataDir, { onNotice: (line) => waits.resolve(line) });
    try {
      // A start that fails instead is reported as what it is.
      expect(await Promise.race([waits.promise, second.then(() => 'did not wait')])).toContain(String(pid));
      expect(lockFilePid(dataOf(dataDir))).toBe(dead);
      expect(isAlive(pid)).toBe(true);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    expect((await second).origin).toBe('started');
    expect(isAlive(pid)).toBe(false);
    await sql.end({ timeout: 1 });
  });

  test('starts its own server when the one that it found ends before it answers', async () => {
    const dataDir = copyFolder();
    await open(dataDir, { purpose: 'operate' });
    const dying = postmasterOf(dataDir);
    const before = socketUsers(dataDir);
    // A stopped postmaster looks ready and accepts no connection.
    process.kill(dying, 'SIGSTOP');
    const second = open(dataDir);
    await expect.poll(() => socketUsers(dataDir), DEADLINE).toBeGreaterThan(before);
    process.kill(dying, 'SIGKILL');
    expect((await second).origin).toBe('started');
    expect(postmasterOf(dataDir)).not.toBe(dying);
  });

  test('stops waiting when it is aborted', async () => {
    const dataDir = copyFolder();
    const first = await open(dataDir, { purpose: 'operate' });
    const sql = connect(first.url);
    const [backend] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
    process.kill(backend?.pid ?? 0, 'SIGSTOP');
    await killPostmaster(dataDir);
    const stopping = new AbortController();
    const second = openEmbedded({
      dataDir,
      purpose: 'serve',
      stop: stopping.signal,
      onNotice: () => stopping.abort(new Error('stopped')),
    });
    await expect(second).rejects.toThrow('stopped');
    process.kill(backend?.pid ?? 0, 'SIGCONT');
    await sql.end({ timeout: 1 });
  });

  test('succeeds with a postmaster.pid whose process id now belongs to another program', async () => {
    const dataDir = copyFolder();
    const other: ChildProcess = spawn('sleep', ['600'], { stdio: 'ignore' });
    try {
      const file = join(dataOf(dataDir), 'postmaster.pid');
      writeFileSync(file, `${other.pid}\n${dataOf(dataDir)}\n1\n5432\n/nowhere\n\n\nready\n`);
      expect(runningPostmaster(dataOf(dataDir))).toBeUndefined();
      expect(existsSync(file)).toBe(true);
      expect((await open(dataDir)).origin).toBe('started');
    } finally {
      other.kill('SIGKILL');
    }
  });

  test('does not count a shell in the data folder as a server process', () => {
    const dataDir = copyFolder();
    const shell = spawn('sleep', ['600'], { cwd: dataOf(dataDir), stdio: 'ignore' });
    expect(serverProcesses(dataOf(dataDir))).toEqual([]);
    shell.kill('SIGKILL');
  });
});
