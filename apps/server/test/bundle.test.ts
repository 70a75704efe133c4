/** The server as it is packed: one bundle, in a folder outside the repository. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createDatabase } from '@credplex/storage/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { credplex, newFolder, settings, startCredplex } from './harness/credplex.ts';

const PACKAGE = join(import.meta.dirname, '..');
const BINS = join(PACKAGE, '../../node_modules/.bin');
/** What an idle server may take of memory; from sources it took as much before its queries were drizzle's. */
const IDLE_MIB = 100;

const run = promisify(execFile);
let folder: string;
let launcher: string;

beforeAll(async () => {
  folder = newFolder();
  const env = { ...process.env, PATH: `${BINS}:${process.env['PATH'] ?? ''}` };
  await run('pnpm', ['pack', '--pack-destination', folder], { cwd: PACKAGE, env });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
  await run('tar', ['-xzf', tarball], { cwd: folder });
  launcher = join(folder, 'package/bin/credplex.js');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the stack trace of a crash names the sources, and shows no line of the bundle', async () => {
  const broken = "Object.defineProperty(process, 'stdin', { get() { throw new TypeError('no stdin'); } })";
  const nodeFlags = ['--import', `data:text/javascript,${encodeURIComponent(broken)}`];
  const { status, stderr } = await credplex(['help'], { launcher, nodeFlags });
  const line = readFileSync(join(PACKAGE, 'src/main.ts'), 'utf8')
    .split('\n')
    .findIndex((text) => text.includes('process.stdin,'));
  expect(status).toBe(1);
  expect(stderr).toMatch(/^TypeError: no stdin\n {4}at /);
  expect(stderr).toContain(`apps/server/src/main.ts:${line + 1}:`);
  expect(stderr.length).toBeLessThan(2_000);
});

test('the stack traces of the log name the sources', async () => {
  const env = settings(newFolder(), {
    CREDPLEX_DATABASE_URL: await createDatabase({ empty: true }),
    CREDPLEX_LOG_LEVEL: 'info',
  });
  // The server goes on after it; a promise that nobody waits for is the one failure that can be made from outside.
  const stray = `const on = process.on; process.on = function (name, listener) {
    const error = new Error('stray');
    if (name === 'unhandledRejection') queueMicrotask(() => listener(error));
    return on.call(this, name, listener);
  };`;
  const nodeFlags = ['--import', `data:text/javascript,${encodeURIComponent(stray)}`];
  const running = await startCredplex({ env, launcher, nodeFlags });
  const { stdout } = await running.end('SIGTERM');
  expect(stdout).toMatch(/"message":"stray".*apps\/server\/src\/start\/serve\.ts:\d+:\d+/);
});

test.skipIf(!existsSync('/proc/self/status'))('an idle server is smaller than before drizzle: 100 MiB', async () => {
  const env = settings(newFolder(), { CREDPLEX_DATABASE_URL: await createDatabase({ empty: true }) });
  const first = await startCredplex({ env, launcher });
  await first.end('SIGTERM');
  const running = await startCredplex({ env, launcher });
  const residentMiB = (): number => {
    const status = readFileSync(`/proc/${running.process.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
  };
  await expect.poll(residentMiB).toBeLessThan(IDLE_MIB);
  await running.end('SIGTERM');
});
