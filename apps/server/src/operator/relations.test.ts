import { randomUUID } from 'node:crypto';
import { runCommand } from '@credplex/command-line';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestApi, type TestApi, type TestUser } from '../plexsphere/testing/api.ts';
import type { RunContext } from './command.ts';
import { COMMANDS } from './commands.ts';
import { CommandError, UsageError } from './errors.ts';
import { credplex } from './program.ts';
import { createTerminal } from './terminal.ts';

let api: TestApi;
let owner: TestUser & { cloudId: string };
let ada: TestUser;
let name: string;
beforeAll(async () => {
  api = await openTestApi();
  owner = await api.cloudOwner();
  ada = await api.user();
  name = ada.id;
});
afterAll(() => api.close());

/** Runs the words behind `credplex` over the test's stores. */
async function run(...words: string[]): Promise<{ out: string; err: string }> {
  const length = Object.hasOwn(COMMANDS, words.slice(0, 2).join(':')) ? 2 : 1;
  let [out, err] = ['', ''];
  const runtime = {
    storage: api.storage,
    clock: api.broker.clock,
    entropy: api.broker.entropy,
    close: () => Promise.resolve(),
  };
  const context = {
    terminal: createTerminal({
      stdin: process.stdin,
      stdout: { write: (text: string) => (out += text) },
      stderr: { write: (text: string) => (err += text) },
    }),
    version: '0.0.0',
    env: {},
    stopRequested: () => new Promise<void>(() => undefined),
    openRuntime: () => Promise.resolve(runtime),
  } as unknown as RunContext;
  const program = credplex('0.0.0');
  await runCommand(words.slice(0, length).join(':'), words.slice(length), { program, context });
  return { out, err };
}
async function may(relation: string): Promise<boolean> {
  const body = { subject: ada.actor, relation, resource: `cloud:${owner.cloudId}` };
  return (await api.sendRaw('POST', '/v1/authz/check', { token: ada.token, body })).json.decision === 'allowed';
}

describe('credplex grant, revoke, grants', () => {
  test('a grant applies immediately, is idempotent, and can be revoked', async () => {
    const cloud = `cloud:${owner.cloudId}`;
    expect((await run('grant', name, 'cloud_admin', cloud)).err).toBe('Granted; it counts at once.\n');
    expect((await run('grant', ada.actor, 'cloud_admin', cloud)).err).toBe('It was granted already.\n');
    expect(await may('manage')).toBe(true);
    expect((await run('grants', '--subject', name)).out).toMatch(new RegExp(`${ada.actor} +cloud_admin +${cloud}`));
    expect((await run('grants', '--resource', cloud, '--json')).out).toContain('"relation": "cloud_admin"');
    await run('revoke', name, 'cloud_admin', cloud);
    expect(await may('manage')).toBe(false);
    await expect(run('revoke', name, 'cloud_admin', cloud)).rejects.toThrow('there is no such grant');
    expect(await api.everything()).toContain('authz.relation_tuple.delete');
  });

  test('UUIDs in capitals are taken as they are in paths', async () => {
    const [who, cloud] = [`user:${ada.id.toUpperCase()}`, `cloud:${owner.cloudId.toUpperCase()}`];
    expect((await run('grant', who, 'cloud_admin', cloud)).err).toBe('Granted; it counts at once.\n');
    expect(await may('manage')).toBe(true);
    for (const filter of [
      ['--subject', who],
      ['--resource', cloud],
    ])
      expect((await run('grants', ...filter)).out).toMatch(
        new RegExp(`${ada.actor} +cloud_admin +cloud:${owner.cloudId}`),
      );
    await run('revoke', who, 'cloud_admin', cloud);
    expect(await may('manage')).toBe(false);
    const { out } = await run('token', 'issue', who);
    expect((await api.sendRaw('GET', '/v1/auth/whoami', { token: out.trim() })).json.subject).toBe(ada.id);
  });

  test('a relation of a group applies to its members', async () => {
    await run('grant', name, 'member', 'group:ops');
    await run('grant', 'group:ops#member', 'operator', `cloud:${owner.cloudId}`);
    expect([await may('operate'), await may('manage')]).toEqual([true, false]);
  });

  test('platform is the only platform object', async () => {
    await run('grant', name, 'auditor', 'platform');
    expect((await run('grants', '--resource', 'platform')).out).toContain('platform:plexsphere');
  });

  test.each<[string, () => [string, string, string]]>([
    ['no user', () => ['nobody', 'cloud_admin', `cloud:${owner.cloudId}`]],
    ['no user:', () => [`user:${randomUUID()}`, 'cloud_admin', `cloud:${owner.cloudId}`]],
    ['no cloud', () => [name, 'cloud_admin', `cloud:${randomUUID()}`]],
    ['no cloud', () => [name, 'cloud_admin', 'cloud:x']],
    ['no platform', () => [name, 'admin', 'platform:other']],
    ['has no relation fly', () => [name, 'fly', `cloud:${owner.cloudId}`]],
    ['takes platform', () => [name, 'platform', `cloud:${owner.cloudId}`]],
    ['no type starship', () => [name, 'admin', 'starship:x']],
    ['names no resource', () => [name, 'admin', 'x']],
    ['names no subject', () => ['user:a b', 'admin', 'platform']],
  ])('an invalid grant is refused: %s', async (why, words) => {
    const refused = run('grant', ...words());
    await expect(refused).rejects.toThrow(why.replace(/:$/, ''));
    await expect(refused).rejects.toBeInstanceOf(CommandError);
  });
});

describe('credplex token', () => {
  const whoami = (bearer: string) => api.sendRaw('GET', '/v1/auth/whoami', { token: bearer });

  test('issues one on stdout, lists it without its secret, and revokes it immediately', async () => {
    const { out, err } = await run('token', 'issue', name, '--env', 'stage', '--days', '1');
    const plaintext = out.trim();
    expect(plaintext).toMatch(/^psk_stage_[0-9a-f-]{36}_[A-Za-z0-9_-]{43}$/);
    expect(err).not.toContain(plaintext);
    expect((await whoami(plaintext)).json.subject).toBe(ada.id);
    const listed = await run('token', 'list', name, '--json');
    const id = plaintext.slice(10, 46);
    expect(listed.out).toContain(id);
    expect(listed.out).not.toContain(plaintext.slice(-43));
    await run('token', 'revoke', id);
    expect((await whoami(plaintext)).status).toBe(401);
    await expect(run('token', 'revoke', id)).rejects.toThrow('there is no such token');
  });

  test('issues one for a service', async () => {
    const id = randomUUID();
    const { out } = await run('token', 'issue', `service:${id}`);
    expect((await whoami(out.trim())).json).toMatchObject({ principal_type: 'service', subject: id });
  });

  test('refuses invalid owners and lifetimes', async () => {
    await expect(run('token', 'issue', 'nobody')).rejects.toThrow('there is no user');
    await expect(run('token', 'issue', 'group:x')).rejects.toBeInstanceOf(CommandError);
    await expect(run('token', 'issue', `user:${randomUUID()}`)).rejects.toThrow('there is no user:');
    for (const days of ['0', '366', '1.5', 'x'])
      await expect(run('token', 'issue', name, '--days', days)).rejects.toBeInstanceOf(UsageError);
    await expect(run('token', 'issue', name, '--env', 'test')).rejects.toBeInstanceOf(UsageError);
    await expect(run('token', 'revoke', 'x')).rejects.toThrow('is a UUID');
  });
});
