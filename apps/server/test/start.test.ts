import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { isAlive } from '@credplex/storage/testing';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  clientOf,
  clientToken,
  launch,
  newFolder,
  type Operator,
  type Running,
  readOperator,
  settings,
  startCredplex,
  userToken,
} from './harness/credplex.ts';

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));

describe('a first start with nothing but a folder', () => {
  const dataDir = join(newFolder(), 'data');
  let running: Running;
  let operator: Operator;
  beforeAll(async () => {
    running = await startCredplex({ env: settings(dataDir) });
    operator = readOperator(dataDir);
  });
  afterAll(async () => {
    if (running.process.exitCode === null) await running.end('SIGTERM');
  });

  const postmaster = (): number =>
    Number(readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);

  test('prints the URL, commands to paste for both command lines, and the line on levels', () => {
    const text = running.output();
    expect(text).toContain(`Credplex is ready at ${running.url} (API level 1).`);
    expect(text).toContain(`npx credhub login -s ${running.url} --ca-cert ${dataDir}/tls/ca.pem -u admin`);
    expect(text).toContain(`npx plexctl login --server ${running.url}`);
    expect(text).toContain('npx credhub generate');
    expect(text).toContain('npx plexctl cloud credential create');
    expect(text).toMatch(/Clients of CredHub 2 .* want level 2/);
    expect(text).toContain(join(dataDir, 'operator.json'));
  });

  test('the commands do the main job of both, pasted into a shell as they are', () => {
    const commands = running
      .output()
      .split('\n')
      .filter((line) => line.startsWith('  '))
      .join('\n');
    expect(commands.match(/npx /g)).toHaveLength(7);
    const { PATH = '' } = process.env;
    const pasted = spawnSync('sh', ['-ec', commands], {
      cwd: REPOSITORY,
      env: { PATH: `${REPOSITORY}node_modules/.bin:${PATH}`, HOME: newFolder() },
      encoding: 'utf8',
    });
    expect(pasted.status, pasted.stderr).toBe(0);
    expect(pasted.stdout).toMatch(/^name: \/demo\/password$/m);
    expect(pasted.stdout.match(/Provisioner/g)).toHaveLength(2);
    expect(pasted.stdout).not.toContain('the secret itself');
  });

  test('writes the operator file for its owner alone', () => {
    expect(statSync(join(dataDir, 'operator.json')).mode & 0o777).toBe(0o600);
    expect(operator).toMatchObject({
      url: running.url,
      ca: join(dataDir, 'tls', 'ca.pem'),
      user: 'admin',
      client: 'credplex_admin',
    });
    expect(operator.plexsphere_token).toMatch(/^psk_/);
    for (const name of ['encryption.key', 'tls/ca.key', 'tls/server.key']) {
      expect(statSync(join(dataDir, name)).mode & 0o077).toBe(0);
    }
    expect(existsSync(join(dataDir, 'operator.pending.json'))).toBe(false);
  });

  test('serves a certificate of its own CA for localhost, both loopback addresses and the host of public_url', async () => {
    const ca = readFileSync(operator.ca, 'utf8');
    for (const servername of ['localhost', '127.0.0.1', '::1']) {
      const socket = connect({
        host: '127.0.0.1',
        port: Number(new URL(running.url).port),
        ca,
        servername: 'localhost',
      });
      await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
      const certificate = socket.getPeerX509Certificate();
      expect(certificate?.checkHost(servername) ?? certificate?.checkIP(servername)).toBeDefined();
      socket.destroy();
    }
  });

  test('user, client and Plexsphere token may do everything, each in its own system only', async () => {
    const client = clientOf(running, dataDir);
    const info = await client.as(undefined)('GET /info');
    expect(info.response.json()).toMatchObject({ 'auth-server': { url: `${running.url}/uaa` } });
    const tokens = [await userToken(client, operator), await clientToken(client, operator)];
    for (const [index, token] of tokens.entries()) {
      const body = { name: `/first/${index}`, type: 'password', value: 'kept' };
      expect((await client.sendRaw({ method: 'PUT', path: '/api/v1/data', as: { token }, body })).status).toBe(200);
      expect((await client.sendRaw({ method: 'GET', path: '/v1/auth/whoami', as: { token } })).status).toBe(401);
    }
    const as = { token: operator.plexsphere_token };
    expect((await client.as(as)('GET /v1/auth/whoami')).status).toBe(200);
    expect((await client.as(as)('GET /v1/clouds')).status).toBe(200);
    expect((await client.as(as)('GET /api/v1/data', { query: { name: '/first/0' } })).status).toBe(401);
    expect((await client.sendRaw({ method: 'GET', path: '/openapi.json' })).status).toBe(200);
    expect((await client.as(undefined)('GET /readyz')).status).toBe(200);
    client.close();
  });

  test('Ctrl-C ends server and PostgreSQL cleanly, status 0', async () => {
    const pid = postmaster();
    const end = await running.end('SIGINT');
    expect([end.status, end.signal]).toEqual([0, null]);
    expect(end.stderr).toBe('');
    expect(isAlive(pid)).toBe(false);
  });

  test('a second start finds all data, keeps the operator, and is brief', async () => {
    running = await startCredplex({ env: settings(dataDir) });
    expect({ ...readOperator(dataDir), url: '' }).toEqual({ ...operator, url: '' });
    expect(running.output()).not.toContain('npx credhub');
    const client = clientOf(running, dataDir);
    const as = { token: await clientToken(client, operator) };
    const got = await client.as(as)('GET /api/v1/data', { query: { name: '/first/1', current: true } });
    expect(got.response.json()).toMatchObject({ data: [{ value: 'kept' }] });
    client.close();
  });

  test('after SIGKILL the PostgreSQL that was left over is taken over, and nothing acknowledged is lost', async () => {
    const client = clientOf(running, dataDir);
    const as = { token: await clientToken(client, operator) };
    const body = { name: '/first/last', type: 'value', value: 'acknowledged' };
    expect((await client.sendRaw({ method: 'PUT', path: '/api/v1/data', as, body })).status).toBe(200);
    client.close();
    expect((await running.end('SIGKILL')).signal).toBe('SIGKILL');

    running = await startCredplex({ env: settings(dataDir) });
    const again = clientOf(running, dataDir);
    const token = await clientToken(again, operator);
    const got = await again.as({ token })('GET /api/v1/data', { query: { name: '/first/last', current: true } });
    expect(got.response.json()).toMatchObject({ data: [{ value: 'acknowledged' }] });
    again.close();
    const pid = postmaster();
    expect((await running.end('SIGTERM')).status).toBe(0);
    expect(isAlive(pid)).toBe(false);
  });
});

describe('Ctrl-C in a terminal, which every process of the group gets, while the first start', () => {
  // Earlier, initdb only tries settings; what a signal ends there it takes for a setting that is too large.
  const steps: readonly [name: string, pattern: string][] = [
    ['makes the database (initdb runs)', 'postgres.new-*/base/1/PG_VERSION'],
    ['brings PostgreSQL up', 'postgres/postmaster.pid'],
  ];
  test.each(steps)('%s: it stops cleanly, and the next start works', async (_, pattern) => {
    const dataDir = join(newFolder(), 'data');
    const env = settings(dataDir);
    const { child, ended } = launch(['serve'], { env, group: true });
    await vi.waitUntil(() => globSync(pattern, { cwd: dataDir }).length > 0, { timeout: 60_000, interval: 5 });
    process.kill(-(child.pid ?? 0), 'SIGINT');
    const end = await ended;
    expect(end).toMatchObject({ status: 0, signal: null, stderr: '' });
    expect(end.stdout).not.toContain('is ready at');
    expect(readdirSync(dataDir).filter((name) => name.startsWith('postgres.new-'))).toEqual([]);
    expect(existsSync(join(dataDir, 'postgres', 'postmaster.pid'))).toBe(false);

    const running = await startCredplex({ env });
    expect(readOperator(dataDir).url).toBe(running.url);
    expect((await running.end('SIGTERM')).status).toBe(0);
  });
});
