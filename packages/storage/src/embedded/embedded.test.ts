import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { recordsConformance } from '../conformance/index.ts';
import { openStorage } from '../index.ts';
import { type EmbeddedPostgres, openEmbedded } from './embedded.ts';
import { postgresBinaries } from './postgres-binaries.ts';
import { isAlive, runningPostmaster } from './postmaster.ts';
import { socketFile, socketFolder } from './socket-folder.ts';
import { unprivilegedRunner } from './unprivileged.ts';

const isRoot = process.getuid?.() === 0;
let home: string;
/** A data folder to copy, because initdb is slow. */
let initialised: string;
const opened: EmbeddedPostgres[] = [];

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'credplex-embedded-'));
  chmodSync(home, 0o700);
  initialised = join(home, 'made');
  const embedded = await openEmbedded({ dataDir: initialised, purpose: 'serve' });
  await embedded.close();
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

let count = 0;
const copies: string[] = [];
function copyDataFolder(...below: string[]): string {
  count += 1;
  const folder = join(home, `data-${count}`);
  copies.push(folder);
  const dataDir = join(folder, ...below);
  mkdirSync(join(dataDir, '..'), { recursive: true });
  cpSync(initialised, dataDir, { recursive: true });
  return dataDir;
}

async function open(
  dataDir: string,
  purpose: 'serve' | 'operate' = 'serve',
  runner = unprivilegedRunner(),
): Promise<EmbeddedPostgres> {
  const embedded = await openEmbedded({ dataDir, purpose, runner });
  opened.push(embedded);
  return embedded;
}

async function queryRows<Row>(url: string, statement: string): Promise<Row[]> {
  const host = new URL(url).searchParams.get('host') ?? '';
  const sql = postgres({ host, port: 5432, user: 'credplex', database: 'credplex', max: 1, onnotice: () => {} });
  try {
    return await sql.unsafe<Row[] & object[]>(statement);
  } finally {
    await sql.end();
  }
}

/** Starts another process that serves the data folder until it is killed. */
async function serveElsewhere(dataDir: string): Promise<ChildProcess> {
  const script = `import { openEmbedded } from ${JSON.stringify(join(import.meta.dirname, 'embedded.ts'))};
    const embedded = await openEmbedded({ dataDir: ${JSON.stringify(dataDir)}, purpose: 'serve' });
    console.log('serving', embedded.origin); setInterval(() => {}, 1000);
    process.on('SIGTERM', async () => { await embedded.close(); process.exit(0); });`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', (chunk) => String(chunk).includes('serving') && resolve());
    child.once('exit', () => reject(new Error('it did not serve')));
  });
  return child;
}

function waitForExit(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

describe('embedded PostgreSQL', () => {
  afterEach(async () => {
    for (const embedded of opened.splice(0)) await embedded.close();
    // Each is some 60 MiB.
    for (const folder of copies.splice(0)) rmSync(folder, { recursive: true, force: true });
  });

  test('listens on a private unix socket only, writes durably, and stops cleanly', async () => {
    const dataDir = copyDataFolder();
    const embedded = await open(dataDir);
    const settings = await queryRows<{ name: string; setting: string }>(
      embedded.url,
      "select name, setting from pg_settings where name in ('listen_addresses', 'fsync', 'synchronous_commit', 'full_page_writes')",
    );
    expect(Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))).toEqual({
      listen_addresses: '',
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
    });
    expect(statSync(join(dataDir, 'postgres')).mode & 0o777).toBe(0o700);
    expect(statSync(join(dataDir, 'socket')).mode & 0o777).toBe(0o700);
    const pid = runningPostmaster(join(dataDir, 'postgres'))?.pid ?? 0;
    await embedded.close();
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(join(dataDir, 'postgres', 'postmaster.pid'))).toBe(false);
    expect(readFileSync(join(dataDir, 'postgres.log'), 'utf8')).toContain('database system is shut down');
  });

  test('two instances with different data folders run at the same time', async () => {
    const [one, two] = await Promise.all([open(copyDataFolder()), open(copyDataFolder())]);
    await queryRows(one.url, 'create table only_here (x int)');
    expect(await queryRows(two.url, "select from pg_class where relname = 'only_here'")).toEqual([]);
  });

  test('a data folder whose path is too long for a socket gets a private socket folder elsewhere', async () => {
    const dataDir = copyDataFolder('d'.repeat(60), 'e'.repeat(60));
    const embedded = await open(dataDir);
    const folder = new URL(embedded.url).searchParams.get('host') ?? '';
    expect(socketFile(folder).length).toBeLessThan(104);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(await queryRows(embedded.url, 'select 1 as x')).toEqual([{ x: 1 }]);
  });

  test('a socket folder of another user is refused', () => {
    const deep = `/${'x'.repeat(110)}`;
    const folder = socketFolder(deep);
    if (isRoot) chownSync(folder, 12_345, 12_345);
    expect(() => socketFolder(deep, 54_321)).toThrow('is not a private folder of ours');
    rmSync(folder, { recursive: true });
  });

  test('an orphaned PostgreSQL of a killed server is taken over and keeps running', async () => {
    const dataDir = copyDataFolder();
    const server = await serveElsewhere(dataDir);
    const before = runningPostmaster(join(dataDir, 'postgres'));
    server.kill('SIGKILL');
    await waitForExit(server);
    expect(isAlive(before?.pid ?? 0)).toBe(true);
    const embedded = await open(dataDir);
    expect(embedded.origin).toBe('taken over');
    expect(runningPostmaster(join(dataDir, 'postgres'))?.pid).toBe(before?.pid);
    await embedded.close();
    expect(isAlive(before?.pid ?? 0)).toBe(false);
  });

  test('an orphaned PostgreSQL in a moved data folder is taken over, or restarted when its socket is gone', async () => {
    for (const [hasSocket, origin] of [
      [true, 'taken over'],
      [false, 'started'],
    ] as const) {
      const dataDir = copyDataFolder();
      const server = await serveElsewhere(dataDir);
      server.kill('SIGKILL');
      await waitForExit(server);
      const moved = `${dataDir}-moved`;
      renameSync(dataDir, moved);
      if (!hasSocket) rmSync(join(moved, 'socket'), { recursive: true });
      const embedded = await open(moved);
      expect(embedded.origin).toBe(origin);
      expect(await queryRows(embedded.url, 'select 1 as x')).toEqual([{ x: 1 }]);
      await embedded.close();
      expect(runningPostmaster(join(moved, 'postgres'))).toBeUndefined();
    }
  });

  test('acknowledged rows survive a kill of all processes', async () => {
    const dataDir = copyDataFolder();
    const first = await open(dataDir);
    await queryRows(first.url, 'create table kept as select 42 as x');
    process.kill(runningPostmaster(join(dataDir, 'postgres'))?.pid ?? 0, 'SIGKILL');
    await first.close();
    const reopened = await open(dataDir);
    expect(await queryRows(reopened.url, 'select x from kept')).toEqual([{ x: 42 }]);
  });

  test('a postmaster.pid whose process id now belongs to another program does not prevent a start', async () => {
    const dataDir = copyDataFolder();
    writeFileSync(
      join(dataDir, 'postgres', 'postmaster.pid'),
      `${process.pid}\n${dataDir}\n1\n5432\n/nowhere\n\n\nready\n`,
    );
    expect((await open(dataDir)).origin).toBe('started');
  });

  test('a second server on the same folder is refused; a command attaches and leaves PostgreSQL running', async () => {
    const dataDir = copyDataFolder();
    await open(dataDir);
    await expect(open(dataDir)).rejects.toThrow('another credplex server is running on the data folder');
    const command = await open(dataDir, 'operate');
    expect(command.origin).toBe('attached');
    await command.close();
    expect(runningPostmaster(join(dataDir, 'postgres'))?.ready).toBe(true);
  });

  test('a command stops the PostgreSQL that it started, unless a server has taken it over meanwhile', async () => {
    const dataDir = copyDataFolder();
    const onlyCommand = await open(dataDir, 'operate');
    expect(onlyCommand.origin).toBe('started');
    await onlyCommand.close();
    expect(runningPostmaster(join(dataDir, 'postgres'))).toBeUndefined();
    const command = await open(dataDir, 'operate');
    const server = await open(dataDir);
    await command.close();
    expect(await queryRows(server.url, 'select 1 as x')).toEqual([{ x: 1 }]);
  });

  test('a data folder of another release and an unwritable one are reported in one line', async () => {
    const newer = copyDataFolder();
    writeFileSync(join(newer, 'postgres', 'PG_VERSION'), '19\n');
    await expect(open(newer)).rejects.toThrow('is of a newer release: its PostgreSQL is 19, this release has 18');
    const file = join(home, 'file');
    writeFileSync(file, '');
    await expect(open(join(file, 'data'))).rejects.toThrow('cannot be written');
  });

  test('a first start that was killed during initdb does not prevent the next start', async () => {
    const dataDir = join(home, 'half');
    mkdirSync(join(dataDir, 'postgres.new-1'), { recursive: true });
    writeFileSync(join(dataDir, 'postgres.new-1', 'PG_VERSION'), '18\n');
    const embedded = await open(dataDir);
    expect(existsSync(join(dataDir, 'postgres.new-1'))).toBe(false);
    expect(await queryRows(embedded.url, 'select 1 as x')).toEqual([{ x: 1 }]);
  });

  test.each([1000, 54_321])('starts as an ordinary user with or without an account (uid %i)', (uid) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'credplex-user-'));
    const script = `import { openEmbedded } from ${JSON.stringify(join(import.meta.dirname, 'embedded.ts'))};
      const embedded = await openEmbedded({ dataDir: ${JSON.stringify(dataDir)}, purpose: 'serve' });
      console.log(process.getuid() !== 0, embedded.origin); await embedded.close();`;
    const node = ['--input-type=module-typescript', '-e', script];
    // In a user namespace the mapped user can still reach a clone below a folder of mode 0700.
    const done = isRoot
      ? spawnSync('unshare', ['--user', `--map-user=${uid}`, `--map-group=${uid}`, process.execPath, ...node], {
          encoding: 'utf8',
        })
      : spawnSync(process.execPath, node, { encoding: 'utf8' });
    rmSync(dataDir, { recursive: true });
    expect(done.stderr).toBe('');
    expect(done.stdout.trim()).toBe('true started');
  });

  test('without user namespaces root uses another account, or gets an error in one line', async () => {
    if (!isRoot) {
      expect(unprivilegedRunner(['account']).owner).toBeUndefined();
      return;
    }
    const dataDir = mkdtempSync(join(tmpdir(), 'credplex-account-'));
    const runner = unprivilegedRunner(['account']);
    const reachable = spawnSync(postgresBinaries().initdb, ['--version'], { ...runner.owner }).status === 0;
    if (reachable) {
      const embedded = await open(dataDir, 'serve', runner);
      expect(statSync(join(dataDir, 'postgres')).uid).toBe(runner.owner?.uid);
      expect(await queryRows(embedded.url, 'select 1 as x')).toEqual([{ x: 1 }]);
      await embedded.close();
    } else {
      await expect(open(dataDir, 'serve', runner)).rejects.toThrow(/could not be made in .*: .*EACCES/);
    }
    rmSync(dataDir, { recursive: true });
  });
});

recordsConformance('the embedded PostgreSQL', () =>
  openStorage({
    databaseUrl: undefined,
    dataDir: copyDataFolder(),
    encryption: { keys: [], generatedFile: join(home, 'encryption.key') },
    vault: { kind: 'sql' },
  }),
);
