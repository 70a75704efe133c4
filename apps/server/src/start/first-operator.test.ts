import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Secret, secret, systemClock, systemEntropy } from '@credplex/core';
import { openStorage, type Storage } from '@credplex/storage';
import { createDatabase } from '@credplex/storage/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createVerifiers } from '../auth/issuer/verifiers.ts';
import { type FirstOperatorDeps, firstOperator } from './first-operator.ts';

let storage: Storage;
beforeEach(async () => {
  storage = await openStorage({
    databaseUrl: secret(await createDatabase()),
    dataDir: '/nowhere',
    encryption: { keys: [{ name: 'test', active: true, passphrase: secret(randomBytes(32).toString('base64')) }] },
    vault: { kind: 'sql' },
  });
});
afterEach(() => storage.close());

/** A server with its own data folder, and what it asked of the other systems. */
function server(more: Partial<FirstOperatorDeps> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'credplex-operator-'));
  const seeded: unknown[] = [];
  const tokens: string[] = [];
  const deps: FirstOperatorDeps = {
    accounts: storage.accounts,
    clock: systemClock,
    entropy: systemEntropy,
    seedPermissions: async (entries) => void seeded.push(...entries),
    plexsphereToken: async (userId): Promise<Secret> => {
      tokens.push(`psk_prod_${userId}_${tokens.length}`);
      return secret(tokens.at(-1) ?? '');
    },
    folder,
    url: 'https://localhost:8844',
    caFile: '/data/tls/ca.pem',
    issuer: true,
    ...more,
  };
  const file = join(folder, 'operator.json');
  const pending = join(folder, 'operator.pending.json');
  return { folder, file, pending, seeded, tokens, deps, start: () => firstOperator(deps) };
}

function content(file: string): Record<string, string> {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** The file and the database agree: whoever reads the file can log in. */
async function expectWhole(file: string): Promise<void> {
  const accounts = storage.accounts;
  const { user = '', password = '', client = '', client_secret = '' } = content(file);
  const verifiers = createVerifiers();
  expect(await verifiers.check(secret(password), (await accounts.userByName(user))?.verifier)).toBe(true);
  expect(await verifiers.check(secret(client_secret), (await accounts.clientById(client))?.verifier)).toBe(true);
  expect(statSync(file).mode & 0o777).toBe(0o600);
}

describe('the first operator', () => {
  test('is made once, with all that it may do, and not again at the next start', async () => {
    const one = server();
    expect(await one.start()).toEqual({ outcome: 'made', file: one.file });
    await expectWhole(one.file);
    const user = await one.deps.accounts.userByName('admin');
    // Version 7 (RFC 9562, 5.7).
    expect(user?.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    const actors = [`uaa-user:${user?.id}`, 'uaa-client:credplex_admin'];
    expect(one.seeded).toEqual([
      { path: '/*', actors, operations: ['read', 'write', 'delete', 'read_acl', 'write_acl'] },
    ]);
    expect(content(one.file)).toMatchObject({ ca: '/data/tls/ca.pem', plexsphere_token: one.tokens[0] });
    const before = readFileSync(one.file, 'utf8');
    expect(await one.start()).toEqual({ outcome: 'there', file: one.file });
    expect(readFileSync(one.file, 'utf8')).toBe(before);
    expect(existsSync(one.pending)).toBe(false);
  });

  test('of servers that start at once on one database, one makes it; the others say that it is there', async () => {
    const servers = [server(), server(), server()];
    const ends = await Promise.all(servers.map((one) => one.start()));
    const winners = servers.filter((_, index) => ends[index]?.outcome === 'made');
    expect(winners).toHaveLength(1);
    await expectWhole(winners[0]?.file ?? '');
    for (const one of servers) {
      expect(existsSync(one.pending)).toBe(false);
      expect(existsSync(one.file)).toBe(winners.includes(one));
    }
    expect(servers.flatMap((one) => one.tokens)).toHaveLength(1);
  });

  test('is whole after a start that was cut off at any step', async () => {
    for (const cutAt of ['seedPermissions', 'plexsphereToken'] as const) {
      const one = server();
      const fails = async (): Promise<never> => {
        throw new Error('killed here');
      };
      await expect(firstOperator({ ...one.deps, [cutAt]: fails })).rejects.toThrow('killed here');
      expect(existsSync(one.file)).toBe(false);
      expect(await one.start()).toEqual({ outcome: 'made', file: one.file });
      await expectWhole(one.file);
      expect(existsSync(one.pending)).toBe(false);
      await storage.sql.slowQuery('truncate account_user, account_client, first_operator cascade');
    }
  });

  test('before the database knew of it: the pending secrets are used', async () => {
    const one = server();
    const pending = { user_id: systemEntropy.uuid(), password: 'pending password', client_secret: 'pending secret' };
    writeFileSync(one.pending, JSON.stringify(pending));
    expect((await one.start()).outcome).toBe('made');
    expect(content(one.file)).toMatchObject({ password: 'pending password', client_secret: 'pending secret' });
    await expectWhole(one.file);
  });

  test('a pending file that is broken, or of a race that was lost, is dropped', async () => {
    const broken = server();
    writeFileSync(broken.pending, '{"user_id": ');
    expect((await broken.start()).outcome).toBe('made');
    await expectWhole(broken.file);

    const lost = server();
    writeFileSync(lost.pending, JSON.stringify({ user_id: systemEntropy.uuid(), password: 'x', client_secret: 'y' }));
    expect(await lost.start()).toEqual({ outcome: 'there', file: undefined });
    expect(existsSync(lost.pending)).toBe(false);
  });

  test('stays removed when an operator removed it, and its file may be taken away', async () => {
    const one = server();
    await one.start();
    const user = await one.deps.accounts.userByName('admin');
    const ended = { kind: 'user', subject: user?.id ?? '', before: new Date(), expiresAt: new Date() } as const;
    const audit = { at: new Date(), requestId: 'r', actor: 'operator', action: 'user.remove', resource: null };
    await one.deps.accounts.deleteUser(user?.id ?? '', ended, audit);
    rmSync(one.file);
    expect(await one.start()).toEqual({ outcome: 'there', file: undefined });
    expect(await one.deps.accounts.userByName('admin')).toBeUndefined();
  });

  test('with an outside UAA its client gets no permission: the name may be somebody else there', async () => {
    const one = server({ issuer: false, caFile: undefined });
    await one.start();
    expect(JSON.stringify(one.seeded)).not.toContain('uaa-client');
    expect(content(one.file).ca).toBeNull();
  });
});
