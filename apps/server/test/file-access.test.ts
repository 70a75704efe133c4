/** Who else may reach the files of a server: what a start refuses, and what it warns of. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDatabase } from '@credplex/storage/testing';
import { afterEach, describe, expect, test } from 'vitest';
import {
  clientOf,
  clientToken,
  credplex,
  newFolder,
  type Running,
  readOperator,
  settings,
  startCredplex,
} from './harness/credplex.ts';

const running: Running[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.end('SIGTERM');
});
type Env = Readonly<Record<string, string>>;

async function start(env: Env): Promise<Running> {
  const server = await startCredplex({ env });
  running.push(server);
  return server;
}
async function stop(): Promise<void> {
  for (const one of running.splice(0)) await one.end('SIGTERM');
}

/** The one line that a start says instead. */
async function refusal(env: Env): Promise<string> {
  const end = await credplex(['serve'], { env });
  expect([end.status, end.stdout.includes('is ready at')]).toEqual([1, false]);
  expect(end.stderr.trimEnd().split('\n')).toHaveLength(1);
  return end.stderr.trimEnd();
}
function run(line: string): string {
  return execFileSync('sh', ['-c', line.slice(line.lastIndexOf(': ') + 2)]).toString();
}
function warnings(server: Running, file: string): string[] {
  return server
    .output()
    .split('\n')
    .filter((line) => line.includes('"level":"warn"') && line.includes(`"file":${JSON.stringify(file)}`));
}

async function send(server: Running, dataDir: string, method: string, path: string, body?: unknown) {
  const client = clientOf(server, dataDir);
  const token = await clientToken(client, readOperator(dataDir));
  const answer = await client.sendRaw({ method, path, as: { token }, ...(body === undefined ? {} : { body }) });
  client.close();
  expect(answer.status, answer.text).toBe(200);
  return answer.json();
}

test('an upgrade with a data folder of mode 0755 is refused with the command that mends it, and loses nothing', async () => {
  const dataDir = join(newFolder(), 'data');
  const env = settings(dataDir);
  const value = { name: '/upgrade/kept', type: 'value', value: 'kept' };
  await send(await start(env), dataDir, 'PUT', '/api/v1/data', value);
  await stop();
  // As earlier releases left alone what an operator, a package or a volume had made.
  chmodSync(dataDir, 0o755);
  chmodSync(join(dataDir, 'encryption.key'), 0o644);

  const line = await refusal(env);
  expect(line).toContain(`the data folder ${dataDir} can be accessed by others (mode 0755): chmod 700 ${dataDir}`);
  expect(line).toContain(`${join(dataDir, 'encryption.key')} can be accessed by others (mode 0644): chmod 600 `);
  const doctor = await credplex(['doctor'], { env });
  expect([doctor.status, doctor.stdout.match(/^FAIL {2}files .*chmod/gm)?.length]).toEqual([1, 2]);

  for (const fault of line.split('; ')) run(fault);
  const read = await send(await start(env), dataDir, 'GET', '/api/v1/data?name=/upgrade/kept');
  expect(read).toMatchObject({ data: [{ value: 'kept' }] });
});

test('an empty folder that was made for the server is closed to others by the first start', async () => {
  const dataDir = join(newFolder(), 'data');
  mkdirSync(dataDir, { mode: 0o755 });
  chmodSync(dataDir, 0o755);
  await start(settings(dataDir, { CREDPLEX_DATABASE_URL: await createDatabase({ empty: true }) }));
  expect(statSync(dataDir).mode & 0o066).toBe(0);
});

describe('files of the operator', () => {
  const withKey = async (mode: number) => {
    const folder = newFolder();
    const file = join(folder, 'mounted.key');
    writeFileSync(file, 'a passphrase of the tests\n');
    chmodSync(file, mode);
    const dataDir = join(folder, 'data');
    const database = await createDatabase({ empty: true });
    const env = settings(dataDir, { CREDPLEX_DATABASE_URL: database, CREDPLEX_ENCRYPTION_KEY_FILE: file });
    return { env, file, dataDir };
  };

  test.each([0o440, 0o644])(
    'a key file with mode %o is a warning at each start, a refusal with files.strict',
    async (mode) => {
      const { env, file } = await withKey(mode);
      for (let starts = 0; starts < 2; starts += 1) {
        expect(warnings(await start(env), file)).toHaveLength(1);
        await stop();
      }
      const line = await refusal({ ...env, CREDPLEX_FILES_STRICT: 'true' });
      expect(line).toContain(`CREDPLEX_ENCRYPTION_KEY_FILE: ${file} can be read by others`);
      run(line);
      expect(warnings(await start({ ...env, CREDPLEX_FILES_STRICT: 'true' }), file)).toEqual([]);
    },
  );

  test('a key file that others can write is refused', async () => {
    const { env, file } = await withKey(0o666);
    const line = await refusal(env);
    expect(line).toContain(`${file} can be changed by others (mode 0666): chmod go-w ${file}`);
    run(line);
    await start(env);
  });

  test('operator.json that others can read is a warning', async () => {
    const { env, dataDir } = await withKey(0o600);
    await start(env);
    await stop();
    const file = join(dataDir, 'operator.json');
    chmodSync(file, 0o644);
    expect(warnings(await start({ ...env, CREDPLEX_FILES_STRICT: 'true' }), file)).toHaveLength(1);
  });
});
