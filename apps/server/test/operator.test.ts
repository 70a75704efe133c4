import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDatabase } from '@credplex/storage/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import {
  clientOf,
  clientToken,
  credplex,
  type Ended,
  fetchToken,
  newFolder,
  type Running,
  readOperator,
  settings,
  startCredplex,
  userToken,
} from './harness/credplex.ts';

describe('operator commands on the embedded store', () => {
  const dataDir = join(newFolder(), 'data');
  const env = settings(dataDir);
  let running: Running | undefined;
  const run = (args: readonly string[], input?: string): Promise<Ended> =>
    credplex(args, input === undefined ? { env } : { env, input });
  const ok = async (args: readonly string[], input?: string): Promise<Ended> => {
    const end = await run(args, input);
    expect(end).toMatchObject({ status: 0 });
    return end;
  };
  beforeAll(async () => {
    running = await startCredplex({ env });
  });
  afterAll(() => running?.end('SIGTERM'));
  const withClient = async <T>(work: (client: ReturnType<typeof clientOf>) => Promise<T>): Promise<T> => {
    if (running === undefined) throw new Error('no server');
    const client = clientOf(running, dataDir);
    try {
      return await work(client);
    } finally {
      client.close();
    }
  };

  test('a user with a password from stdin can log in at the running server, and its ids are printed', async () => {
    const end = await ok(['user', 'add', 'ada'], 'a long password\n');
    expect(end.stdout).toBe('');
    // Version 7 (RFC 9562, 5.7).
    expect(end.stderr).toMatch(/uaa-user:([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f-]{16}), user:\1/);
    await withClient((client) => userToken(client, { user: 'ada', password: 'a long password' }));
    expect((await run(['user', 'add', 'ada'], 'x\n')).stderr).toBe('credplex: there is a user ada\n');
    expect((await run(['user', 'add', 'bob'], '')).stderr).toBe('credplex: no password was given\n');
  });

  test('a new password revokes earlier tokens', async () => {
    const token = await withClient((client) => userToken(client, { user: 'ada', password: 'a long password' }));
    const generated = (await ok(['user', 'passwd', 'ada', '--generate'])).stdout;
    expect(generated).toMatch(/^[A-Za-z0-9]{32}\n$/);
    await withClient(async (client) => {
      await userToken(client, { user: 'ada', password: generated.trim() });
      await expect(userToken(client, { user: 'ada', password: 'a long password' })).rejects.toThrow('Bad credentials');
      const status = async () => (await client.as({ token })('GET /version')).status;
      await expect.poll(status, { timeout: 20_000, interval: 200 }).toBe(401);
    });
  });

  test('a client gets a generated secret, may log in, and is removed', async () => {
    const client_secret = (await ok(['client', 'add', 'director', '--generate'])).stdout.trim();
    const login = () => withClient((client) => clientToken(client, { client: 'director', client_secret }));
    await login();
    expect((await ok(['client', 'list'])).stdout).toMatch(/^director +secret +client_credentials/m);
    await ok(['client', 'remove', 'director']);
    await expect(login()).rejects.toThrow('Bad credentials');
    expect((await run(['client', 'remove', 'director'])).status).toBe(1);
    expect((await run(['client', 'add', 'a:b', '--generate'])).status).toBe(1);
  });

  test('a client for users serves the password grant', async () => {
    const secret = (
      await ok(['client', 'add', 'portal', '--users', '--generate', '--scope', 'credhub.read'])
    ).stdout.trim();
    await ok(['user', 'passwd', 'ada'], 'third password\n');
    const form = {
      grant_type: 'password',
      client_id: 'portal',
      client_secret: secret,
      username: 'ada',
      password: 'third password',
    };
    const token = await withClient((client) => fetchToken(client, form));
    const { scope } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    expect(scope).toEqual(['credhub.read']);
  });

  test('the public client of the command line cannot get a secret, and can be recreated', async () => {
    const refused = await run(['client', 'passwd', 'credhub_cli', '--generate']);
    expect([refused.status, refused.stderr]).toEqual([
      1,
      'credplex: credhub_cli is a public client: it has no secret\n',
    ]);
    await ok(['user', 'passwd', 'ada'], 'fourth password\n');
    const login = () => withClient((client) => userToken(client, { user: 'ada', password: 'fourth password' }));
    await ok(['client', 'remove', 'credhub_cli']);
    await expect(login()).rejects.toThrow('Bad credentials');
    await ok(['client', 'add', 'credhub_cli', '--public']);
    await login();
    expect((await ok(['client', 'list'])).stdout).toMatch(/^credhub_cli +public +password refresh_token /m);
    expect((await run(['client', 'add', 'x', '--public', '--generate'])).status).toBe(1);
  });

  test('doctor reports no problem, and audit lists actors and actions without secrets', async () => {
    const doctor = await ok(['doctor']);
    expect(doctor.stdout).not.toMatch(/^(FAIL|warn)/m);
    const audit = await ok(['audit', '--actor', 'operator', '--json']);
    const actions = (JSON.parse(audit.stdout) as { action: string }[]).map(({ action }) => action);
    expect(actions).toEqual(expect.arrayContaining(['user.add', 'user.passwd', 'client.add', 'client.remove']));
    for (const secret of ['a long password', 'third password']) expect(audit.stdout).not.toContain(secret);
    expect((await ok(['audit', '--since', '1h', '--limit', '1'])).stdout.split('\n')).toHaveLength(3);
    expect((await run(['audit', '--since', 'yesterday'])).status).toBe(2);
  });

  test('with the server down they start the database for the command and stop it', async () => {
    await running?.end('SIGTERM');
    running = undefined;
    const end = await ok(['user', 'list', '--json']);
    expect((JSON.parse(end.stdout) as { name: string }[]).map(({ name }) => name)).toEqual(['ada', 'admin']);
    expect(existsSync(join(dataDir, 'postgres', 'postmaster.pid'))).toBe(false);
    await ok(['user', 'remove', 'ada']);
    expect((await run(['user', 'remove', 'ada'])).stderr).toBe('credplex: there is no user "ada"\n');
  });

  test('the help of every command contains its usage and an example', async () => {
    const overview = (await ok(['help'])).stdout;
    const names = [...overview.matchAll(/^ {2}credplex ([a-z ]+?) {2,}/gm)].map((match) => match[1] ?? '');
    expect(names.length).toBeGreaterThan(15);
    for (const name of names) {
      const help = (await ok([...name.split(' '), '--help'])).stdout;
      expect(help).toContain(`credplex ${name}`);
      expect(help).toContain('Examples:');
    }
    expect((await ok(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('encryption keys, from the first to the retired one', () => {
  test('a key is added, activated, used to reseal while serving, and retired; a key in use is refused', async () => {
    const folder = newFolder();
    const file = join(folder, 'credplex.yml');
    const dataDir = join(folder, 'data');
    const keyFile = join(folder, 'second.key');
    const base = {
      listen: '127.0.0.1:0',
      data_dir: dataDir,
      database: { url: await createDatabase({ empty: true }) },
    };
    const first = { name: 'first', passphrase: 'the first passphrase', active: true };
    const configure = (keys: readonly object[]): void =>
      writeFileSync(file, stringify({ ...base, encryption: { keys } }));
    const run = (...args: string[]): Promise<Ended> => credplex([...args, '--config', file]);
    const serve = () => startCredplex({ args: ['--config', file] });

    configure([first]);
    let running = await serve();
    const client = clientOf(running, dataDir);
    const as = { token: await clientToken(client, readOperator(dataDir)) };
    for (let n = 0; n < 120; n += 1) {
      const body = { name: `/k/${n}`, type: 'value', value: `value ${n}` };
      expect((await client.sendRaw({ method: 'PUT', path: '/api/v1/data', as, body })).status).toBe(200);
    }
    client.close();

    expect((await run('keys', 'add', 'second')).stderr).toContain('the settings have no key second');
    const created = await run('keys', 'add', 'second', '--create', keyFile);
    expect(created.stdout).toContain(`{name: second, file: ${JSON.stringify(keyFile)}}`);
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    expect((await run('keys', 'add', 'second', '--create', keyFile)).status).toBe(1);
    configure([first, { name: 'second', file: keyFile }]);
    expect(await run('keys', 'add', 'second')).toMatchObject({ status: 0 });
    expect((await run('keys', 'retire', 'first')).stderr).toContain('is the active one');
    expect(await run('keys', 'activate', 'second')).toMatchObject({ status: 0 });
    const both = readFileSync(file, 'utf8');
    expect(both).toMatch(/name: second\n.*\n? *active: true/);
    await running.end('SIGTERM');

    configure([{ name: 'second', file: keyFile, active: true }]);
    const early = await run('serve');
    expect([early.status, early.stderr]).toEqual([1, expect.stringContaining('encryption.keys does not name')]);
    writeFileSync(file, both);

    running = await serve();
    const listed = async () => (await run('keys', 'list', '--json')).stdout;
    const rowsOf = async () => JSON.parse(await listed()) as { name: string; state: string; values: number }[];
    await expect
      .poll(async () => (await rowsOf()).find(({ name }) => name === 'first')?.values, {
        timeout: 60_000,
        interval: 500,
      })
      .toBe(0);
    expect(await rowsOf()).toMatchObject([
      { name: 'first', state: 'configured' },
      { name: 'second', state: 'active' },
    ]);
    expect(running.output()).toContain('sealed under the active key');
    const again = clientOf(running, dataDir);
    const token = await clientToken(again, readOperator(dataDir));
    const got = await again.as({ token })('GET /api/v1/data', { query: { name: '/k/77' } });
    expect(got.response.json()).toMatchObject({ data: [{ value: 'value 77' }] });
    again.close();
    expect(await run('keys', 'retire', 'first')).toMatchObject({ status: 0 });
    await running.end('SIGTERM');
    configure([{ name: 'second', file: keyFile, active: true }]);
    running = await serve();
    expect((await run('keys', 'retire', 'second')).status).toBe(1);
    expect((await run('doctor')).stdout).toMatch(/^ok +keys +active: second$/m);
    await running.end('SIGTERM');
  }, 180_000);
});
