import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SecretRef, secret } from '@credplex/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { vaultConformance } from '../conformance/index.ts';
import { openTestStorage, startOpenBao, type TestOpenBao } from '../testing/index.ts';
import { createOpenBaoVault, type OpenBaoVault } from './openbao-vault.ts';

const NIL_UUID = '00000000-0000-0000-0000-000000000000';

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
  const newRef = (): SecretRef => {
    const id = randomUUID();
    return { purpose: 'credhub', id, path: `credhub/${id}` };
  };

  test('bao kv get shows each document at the documented path', async () => {
    const version = newRef();
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

  test('destroy removes all versions, and an operator can undo revoke', async () => {
    const ref = newRef();
    const sealed = await vault.seal(ref, { value: secret('v') });
    await vault.revoke(ref, sealed);
    server.bao('kv', 'undelete', '-mount=secret', '-versions=1', `credplex/${ref.path}`);
    expect(Object.keys(await vault.open(ref, sealed))).toEqual(['value']);
    await vault.destroy(ref, sealed.keyId);
    expect(() => server.bao('kv', 'metadata', 'get', '-mount=secret', `credplex/${ref.path}`)).toThrow(
      'No value found',
    );
  });

  test('a row opens its own version after another one was written by hand', async () => {
    const ref = newRef();
    const sealed = await vault.seal(ref, { value: secret('v') });
    server.bao('kv', 'put', '-mount=secret', `credplex/${ref.path}`, 'value=other');
    expect((await vault.open(ref, sealed)).value?.reveal()).toBe('v');
  });

  test('a token file is read again when OpenBao refuses the token', async () => {
    const file = join(tmpdir(), `credplex-token-${randomUUID()}`);
    const token = server.bao('token', 'create', '-field=token').trim();
    writeFileSync(file, `${token}\n`);
    const vaultWithFile = createOpenBaoVault(config({ file }));
    await vaultWithFile.check();
    server.bao('token', 'revoke', token);
    await expect(vaultWithFile.check()).rejects.toMatchObject({ code: 'vault_refused' });
    writeFileSync(file, server.token);
    await vaultWithFile.check();
    await vaultWithFile.close();
  });

  describe('is ready', () => {
    /** Runs the check with a token whose policy has the given lines `path capability,…`. */
    const checkWith = async (
      lines: readonly string[],
      { mount = 'secret', prefix = 'credplex', more = [] as readonly string[] } = {},
    ): Promise<string> => {
      const name = `p-${randomUUID()}`;
      const file = join(tmpdir(), `credplex-policy-${name}`);
      const rules = lines.map((line) => {
        const [path, capabilities = ''] = line.split(' ');
        return `path "${path}" { capabilities = ${JSON.stringify(capabilities.split(','))} }`;
      });
      writeFileSync(file, rules.join('\n'));
      server.bao('policy', 'write', name, file);
      const token = server.bao('token', 'create', `-policy=${name}`, '-field=token', ...more).trim();
      const limited = createOpenBaoVault({ ...config(secret(token)), mount, prefix });
      try {
        return await limited.check().then(
          () => 'ready',
          (error) => `${error.code}: ${error.cause.message}`,
        );
      } finally {
        await limited.close();
      }
    };

    test('with the documented policy, and with the minimum that sealing and opening need', async () => {
      const documented = [
        'secret/data/credplex/* create,read,update',
        'secret/delete/credplex/* update',
        'secret/metadata/credplex/* delete',
      ];
      expect(await checkWith(documented)).toBe('ready');
      expect(await checkWith(['secret/data/credplex/* create,read'])).toBe('ready');
      const exact = ['secret/data/credhub/+ create,read', 'secret/data/clouds/+/credentials/+ create,read'];
      expect(await checkWith(exact, { prefix: '' })).toBe('ready');
    });

    test('not when the policy denies writing or reading at one of the two paths', async () => {
      const denied = /^vault_refused: OpenBao: .*: permission denied$/;
      expect(await checkWith(['secret/data/credplex/* read'])).toMatch(denied);
      expect(await checkWith(['secret/data/credplex/* create,update'])).toMatch(denied);
      expect(await checkWith(['secret/data/credplex/credhub/* create,read,update'])).toMatch(denied);
      expect(await checkWith(['secret/data/other/* create,read,update'])).toMatch(denied);
    });

    test('also when the token may not look up its own capabilities', async () => {
      const withoutDefaultPolicy = { more: ['-no-default-policy'] };
      expect(await checkWith(['secret/data/credplex/* create,read,update'], withoutDefaultPolicy)).toBe('ready');
      const hidden = ['secret/data/credplex/* create,read,update', 'sys/internal/ui/mounts/* deny'];
      expect(await checkWith(hidden, withoutDefaultPolicy)).toBe('ready');
    });

    test('not without the mount, and not when the mount is not KV-v2', async () => {
      const policy = ['gone/data/credplex/* create,read,update'];
      expect(await checkWith(policy, { mount: 'gone' })).toBe(
        'vault_refused: OpenBao: there is no KV-v2 engine at gone',
      );
      server.bao('secrets', 'enable', '-path=deep/kv', '-version=2', 'kv');
      const deep = createOpenBaoVault({ ...config(), mount: 'deep/kv' });
      // A new mount is upgraded first.
      await expect.poll(() => deep.check().then(() => 'ready', String), { timeout: 10_000 }).toBe('ready');
      server.bao('secrets', 'disable', 'deep/kv');
      await expect(deep.check()).rejects.toMatchObject({ code: 'vault_refused' });
      await deep.close();
      server.bao('secrets', 'enable', '-path=first', '-version=1', 'kv');
      expect(await checkWith(['first/data/credplex/* create,read,update'], { mount: 'first' })).toMatch('is not KV-v2');
      server.bao('secrets', 'enable', 'transit');
      expect(await checkWith(['transit/data/credplex/* create,read,update'], { mount: 'transit' })).toMatch('no KV-v2');
    });

    test('without writing a value', () => {
      expect(server.bao('kv', 'list', '-format=json', '-mount=secret', 'credplex')).not.toContain('0000');
      expect(() => server.bao('kv', 'metadata', 'get', '-mount=secret', `credplex/credhub/${NIL_UUID}`)).toThrow(
        'No value found',
      );
    });
  });

  test('concurrent calls whose token is refused all succeed with the new token of the file', async () => {
    const file = join(tmpdir(), `credplex-token-${randomUUID()}`);
    const token = server.bao('token', 'create', '-field=token').trim();
    writeFileSync(file, token);
    const vaultWithFile = createOpenBaoVault(config({ file }));
    await vaultWithFile.check();
    server.bao('token', 'revoke', token);
    writeFileSync(file, server.token);
    await Promise.all(Array.from({ length: 16 }, () => vaultWithFile.seal(newRef(), { value: secret('v') })));
    await vaultWithFile.close();
  });

  test('a check of a hanging server times out, and concurrent checks share one run', async () => {
    let connections = 0;
    const hangingServer = createServer(() => {
      connections += 1;
    });
    await new Promise<void>((resolve) => hangingServer.listen(0, '127.0.0.1', resolve));
    const { port } = hangingServer.address() as AddressInfo;
    const hangingVault = createOpenBaoVault({ ...config(), address: `http://127.0.0.1:${port}` });
    const checks = await Promise.allSettled(Array.from({ length: 30 }, () => hangingVault.check()));
    for (const check of checks) expect(check).toMatchObject({ reason: { code: 'vault_unavailable' } });
    expect(connections).toBeLessThanOrEqual(4);
    await hangingVault.close();
    hangingServer.close();
  });

  test('a sealed or unreachable server is vault_unavailable, and no error contains a secret', async () => {
    const ref = newRef();
    const unauthorized = createOpenBaoVault(config(secret('s.wrong')));
    const refusal = await Promise.resolve(unauthorized.seal(ref, { value: secret('canary') })).catch((error) =>
      String(error.cause?.stack),
    );
    expect(refusal).toContain('the token is unknown, expired or revoked');
    expect(refusal).not.toContain('canary');
    await unauthorized.close();
    const unreachable = createOpenBaoVault({ ...config(), address: 'https://127.0.0.1:20999' });
    await expect(unreachable.check()).rejects.toMatchObject({ code: 'vault_unavailable' });
    await unreachable.close();
    const sealed = await vault.seal(ref, { value: secret('canary') });
    await server.seal();
    const failures = await Promise.allSettled([
      vault.open(ref, sealed),
      vault.seal(newRef(), { value: secret('canary') }),
      vault.check(),
      vault.destroy(ref, sealed.keyId),
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
