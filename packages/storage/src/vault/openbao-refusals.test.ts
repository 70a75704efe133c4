import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CredError, type SecretRef, sealUnderIntent, secret } from '@credplex/core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openStorage, type Storage, type StorageConfig } from '../index.ts';
import { createDatabase, openTestStorage, startOpenBao, type TestOpenBao } from '../testing/index.ts';
import { createOpenBaoVault, type OpenBaoVault } from './openbao-vault.ts';

let server: TestOpenBao;
let opened: (OpenBaoVault | Storage)[];
beforeAll(async () => {
  server = await startOpenBao({ kind: 'raft-tls' });
});
afterAll(() => server.stop());
beforeEach(() => {
  opened = [];
  return async () => {
    for (const resource of opened) await resource.close();
  };
});

function vaultWith({ token = server.token, mount = 'secret' } = {}): OpenBaoVault {
  const { address, ca } = server;
  const vault = createOpenBaoVault({ address, ca, token: secret(token), mount, prefix: 'credplex' });
  opened.push(vault);
  return vault;
}
function newRef(): SecretRef {
  const id = randomUUID();
  return { purpose: 'credhub', id, path: `credhub/${id}` };
}
async function errorOf(action: unknown): Promise<string> {
  const error = await Promise.resolve(action).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof CredError) || !(error.cause instanceof Error)) return String(error);
  return `${error.code}: ${error.cause.message}`;
}
/** Creates a token with a policy of `rules`. */
function limitedToken(rules: string, ...more: readonly string[]): string {
  const name = `p-${randomUUID()}`;
  const file = join(tmpdir(), `credplex-policy-${name}`);
  writeFileSync(file, rules);
  server.bao('policy', 'write', name, file);
  return server.bao('token', 'create', `-policy=${name}`, '-field=token', ...more).trim();
}
async function newMount(...options: readonly string[]): Promise<string> {
  const mount = `m-${randomUUID()}`;
  server.bao('secrets', 'enable', `-path=${mount}`, '-version=2', 'kv');
  await expect.poll(() => errorOf(vaultWith({ mount }).check()), { timeout: 10_000 }).toBe('undefined');
  if (options.length > 0) server.bao('write', `${mount}/config`, ...options);
  return mount;
}

describe('a permanent refusal', () => {
  test('a value above the size limit of OpenBao is request_body_too_large and leaves no intent', async () => {
    const storage = await openTestStorage({ vault: server });
    opened.push(storage);
    for (const size of [1_100_000, 34_000_000]) {
      const sealing = sealUnderIntent(storage, newRef(), { value: secret('x'.repeat(size)) });
      await expect(sealing).rejects.toMatchObject({ code: 'request_body_too_large' });
    }
    expect(await storage.sql.slowQuery('select from intent')).toEqual([]);
  });

  test('a denied path, a missing mount and an ended token are distinguished from each other and from an outage', async () => {
    const denied = vaultWith({ token: limitedToken('path "secret/data/other/*" { capabilities = ["create"] }') });
    expect(await errorOf(denied.seal(newRef(), { value: secret('v') }))).toBe(
      'vault_refused: OpenBao: write: permission denied',
    );
    const missing = vaultWith({ mount: 'gone' });
    const noEngine = 'there is no KV-v2 engine at the mount';
    expect(await errorOf(missing.seal(newRef(), { value: secret('v') }))).toBe(
      `vault_refused: OpenBao: write: ${noEngine}`,
    );
    const ref = newRef();
    const sealed = {
      keyId: 'openbao:gone/credplex',
      format: 2,
      bytes: Buffer.from(JSON.stringify({ mount: 'gone', path: `credplex/${ref.path}`, version: 1 })),
    };
    expect(await errorOf(missing.open(ref, sealed))).toBe(`vault_refused: OpenBao: read: ${noEngine}`);
    expect(await errorOf(missing.revoke(ref, sealed))).toBe(`vault_refused: OpenBao: delete: ${noEngine}`);
    expect(await errorOf(missing.destroy(ref, sealed.keyId))).toBe(
      `vault_refused: OpenBao: metadata delete: ${noEngine}`,
    );
    const token = server.bao('token', 'create', '-field=token').trim();
    server.bao('token', 'revoke', token);
    expect(await errorOf(vaultWith({ token }).check())).toBe(
      'vault_refused: OpenBao: read: the token is unknown, expired or revoked',
    );
  });
});

describe('a mount that deletes values', () => {
  const config = async (
    mount: string,
    more: Partial<StorageConfig> = {},
    token = server.token,
  ): Promise<StorageConfig> => ({
    dataDir: '/nonexistent',
    databaseUrl: secret(await createDatabase()),
    encryption: { keys: [{ name: 'test', active: true, passphrase: secret('11'.repeat(32)) }] },
    vault: {
      kind: 'openbao',
      openbao: { address: server.address, token: secret(token), ca: server.ca, mount, prefix: 'credplex' },
    },
    ...more,
  });

  test('makes a start fail and is reported by the readiness check', async () => {
    const mount = await newMount('delete_version_after=24h');
    await expect(openStorage(await config(mount))).rejects.toThrow(
      /deletes values by itself \(delete_version_after 24h/,
    );
    expect(await errorOf(vaultWith({ mount }).check())).toMatch(/^vault_refused: .*deletes values by itself/);
    // An operator command must still open the storage, to report the mount.
    const storage = await openStorage(await config(mount, { purpose: 'operate' }));
    opened.push(storage);
    expect(await storage.remoteVaults[0]?.vault.inspectRetention?.()).toMatchObject({ outcome: 'loses_values' });
  });

  test('whose configuration cannot be read is a warning at start', async () => {
    const mount = await newMount();
    const token = limitedToken(`path "${mount}/data/credplex/*" { capabilities = ["create", "read", "update"] }`);
    const warnings: string[] = [];
    opened.push(
      await openStorage(
        await config(mount, { onNotice: (line, level) => level === 'warn' && warnings.push(line) }, token),
      ),
    );
    expect(warnings).toEqual([expect.stringContaining(`${mount}/config cannot be read`)]);
  });

  test('makes a write fail, which leaves neither the value nor an intent', async () => {
    const mount = await newMount();
    const storage = await openStorage(await config(mount));
    opened.push(storage);
    server.bao('write', `${mount}/config`, 'delete_version_after=24h');
    const ref = newRef();
    expect(await errorOf(sealUnderIntent(storage, ref, { value: secret('v') }))).toMatch(
      /^vault_refused: .*deletes values by itself \(delete_version_after\)$/,
    );
    expect(() => server.bao('kv', 'metadata', 'get', `-mount=${mount}`, `credplex/${ref.path}`)).toThrow(
      'No value found',
    );
    expect(await storage.sql.slowQuery('select from intent')).toEqual([]);
  });

  test('makes a write keep its intent for the sweep when the value cannot be destroyed', async () => {
    const mount = await newMount('delete_version_after=24h');
    const rules = `path "${mount}/data/credplex/*" { capabilities = ["create", "read"] }`;
    const storage = await openStorage(await config(mount, { purpose: 'operate' }, limitedToken(rules)));
    opened.push(storage);
    expect(await errorOf(sealUnderIntent(storage, newRef(), { value: secret('v') }))).toMatch(/^vault_unavailable: /);
    expect(await storage.sql.slowQuery('select from intent')).toHaveLength(1);
  });

  test('is not one with max_versions of 1, because each path is written once', async () => {
    const mount = await newMount('max_versions=1');
    opened.push(await openStorage(await config(mount)));
    await vaultWith({ mount }).check();
  });
});
