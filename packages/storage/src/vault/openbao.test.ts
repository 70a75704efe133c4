import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SecretRef, secret } from '@credplex/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { vaultConformance } from '../conformance/index.ts';
import { openTestStorage, startOpenBao, type TestOpenBao } from '../testing/index.ts';
import { createOpenBaoVault, type OpenBaoVault } from './openbao.ts';

let server: TestOpenBao;
beforeAll(async () => {
  server = await startOpenBao({ kind: 'raft-tls' });
});
afterAll(() => server.stop());

vaultConformance('openbao over TLS', () => openTestStorage({ vault: server }));

describe('openbao', () => {
  let vault: OpenBaoVault;
  beforeAll(() => {
    vault = createOpenBaoVault(config());
  });
  afterAll(() => vault.close());

  const config = (token: ReturnType<typeof secret> | { file: string } = secret(server.token)) => ({
    address: server.address,
    token,
    ca: server.ca,
    mount: 'secret',
    prefix: 'credplex',
  });
  const fresh = (): SecretRef => {
    const id = randomUUID();
    return { purpose: 'credhub', id, path: `credhub/${id}` };
  };

  test('bao kv get shows each document at the path that the docs name', async () => {
    const version = fresh();
    await vault.seal(version, { value: secret('{"a":[1,"é"]}') });
    expect(server.bao('kv', 'get', '-mount=secret', '-field=value', `credplex/credhub/${version.id}`).trim()).toBe(
      '{"a":[1,"é"]}',
    );
    const cloud = randomUUID();
    const credential: SecretRef = {
      purpose: 'cloud_credential',
      id: version.id,
      path: `clouds/${cloud}/credentials/${version.id}`,
    };
    await vault.seal(credential, { payload: secret('AAEC'), access_key: secret('k') });
    const shown = JSON.parse(server.bao('kv', 'get', '-format=json', '-mount=secret', `credplex/${credential.path}`));
    expect(shown.data.data).toEqual({ payload: 'AAEC', access_key: 'k' });
    expect(shown.data.metadata.version).toBe(1);
  });

  test('destroy leaves no trace, revoke can be undone by an operator', async () => {
    const ref = fresh();
    const sealed = await vault.seal(ref, { value: secret('v') });
    await vault.revoke(ref, sealed);
    server.bao('kv', 'undelete', '-mount=secret', '-versions=1', `credplex/${ref.path}`);
    expect(Object.keys(await vault.open(ref, sealed))).toEqual(['value']);
    await vault.destroy(ref);
    expect(() => server.bao('kv', 'metadata', 'get', '-mount=secret', `credplex/${ref.path}`)).toThrow(
      'No value found',
    );
  });

  test('a second version written by hand does not change what a row opens', async () => {
    const ref = fresh();
    const sealed = await vault.seal(ref, { value: secret('v') });
    server.bao('kv', 'put', '-mount=secret', `credplex/${ref.path}`, 'value=other');
    expect((await vault.open(ref, sealed)).value?.reveal()).toBe('v');
  });

  test('a token file is read again when its token is refused', async () => {
    const file = join(tmpdir(), `credplex-token-${randomUUID()}`);
    const token = server.bao('token', 'create', '-field=token').trim();
    writeFileSync(file, `${token}\n`);
    const filed = createOpenBaoVault(config({ file }));
    await filed.check();
    server.bao('token', 'revoke', token);
    await expect(filed.check()).rejects.toMatchObject({ code: 'vault_unavailable' });
    writeFileSync(file, server.token);
    await filed.check();
    await filed.close();
  });

  test('sealed, refused and unreachable are vault_unavailable and say nothing secret', async () => {
    const ref = fresh();
    const stranger = createOpenBaoVault(config(secret('s.wrong')));
    await expect(stranger.seal(ref, { value: secret('canary') })).rejects.toMatchObject({ code: 'vault_unavailable' });
    await stranger.close();
    const nobody = createOpenBaoVault({ ...config(), address: 'https://127.0.0.1:20999' });
    await expect(nobody.check()).rejects.toMatchObject({ code: 'vault_unavailable' });
    await nobody.close();
    const sealed = await vault.seal(ref, { value: secret('canary') });
    await server.seal();
    const failures = await Promise.allSettled([
      vault.open(ref, sealed),
      vault.seal(fresh(), { value: secret('canary') }),
      vault.check(),
      vault.destroy(ref),
    ]);
    for (const failure of failures) {
      expect(failure).toMatchObject({ status: 'rejected', reason: { code: 'vault_unavailable' } });
      const cause = failure.status === 'rejected' ? String(failure.reason.cause?.stack) : '';
      expect(cause).not.toContain('canary');
      expect(cause).not.toContain(server.token);
    }
    await server.unseal();
    expect((await vault.open(ref, sealed)).value?.reveal()).toBe('canary');
  });
});
