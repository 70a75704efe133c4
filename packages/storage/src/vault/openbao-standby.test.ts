import { randomUUID } from 'node:crypto';
import { type Sealed, type SecretRef, secret } from '@credplex/core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startHttpStandIn } from '../testing/index.ts';
import { createOpenBaoVault, type OpenBaoVault } from './openbao-vault.ts';

/**
 * Simulates a standby that never catches up, with the answers of OpenBao 2.7: a new path is 404 without the index of the write and
 * an empty 429 with the index alone; with both headers the active node answers.
 */
describe('at a standby', () => {
  let stored: Map<string, { data: unknown; index: number }>;
  let lagStatus: 404 | 429;
  let reads: string[];
  let standIn: Awaited<ReturnType<typeof startHttpStandIn>>;
  const opened: OpenBaoVault[] = [];

  const indexOf = (value: number): string =>
    Buffer.from(JSON.stringify({ cluster: 'c', value: String(value) })).toString('base64');
  const positionOf = (header: unknown): number =>
    typeof header === 'string' ? Number(JSON.parse(Buffer.from(header, 'base64').toString()).value) : -1;

  beforeAll(async () => {
    standIn = await startHttpStandIn(({ method, path, headers, json }) => {
      const key = path.replace(/\?.*$/, '');
      if (method === 'POST') {
        stored.set(key, { data: json.data, index: stored.size + 1 });
        const data = { version: 1, deletion_time: '', destroyed: false };
        return { status: 200, json: { data }, headers: { 'x-vault-index': indexOf(stored.size) } };
      }
      const entry = stored.get(key);
      const forwarded = headers['x-vault-inconsistent'] === 'forward-active-node';
      const hasApplied = entry !== undefined && positionOf(headers['x-vault-index']) >= entry.index;
      reads.push(forwarded && hasApplied ? 'active node' : 'standby');
      if (entry === undefined) return { status: 404, json: { errors: [] } };
      if (!forwarded || !hasApplied) return { status: lagStatus, json: { errors: [] } };
      return { status: 200, json: { data: { data: entry.data, metadata: {} } } };
    });
  });
  beforeEach(() => {
    [stored, lagStatus, reads] = [new Map(), 404, []];
  });
  afterAll(async () => {
    for (const vault of opened) await vault.close();
    await standIn.close();
  });

  const server = (): OpenBaoVault => {
    const vault = createOpenBaoVault({ address: standIn.address, token: secret('t'), mount: 'secret', prefix: 'p' });
    opened.push(vault);
    return vault;
  };
  const newRef = (): SecretRef => {
    const id = randomUUID();
    return { purpose: 'credhub', id, path: `credhub/${id}` };
  };

  test('an acknowledged value can be read immediately, also by another server', async () => {
    for (lagStatus of [404, 429] as const) {
      const ref = newRef();
      const writer = server();
      const sealed = await writer.seal(ref, { value: secret('v') });
      for (const reader of [writer, server()]) expect((await reader.open(ref, sealed)).value?.reveal()).toBe('v');
    }
    expect(reads).toEqual(Array.from({ length: 4 }, () => ['standby', 'active node']).flat());
  });

  test('a row of an earlier release without an index is read with the newest index of this process', async () => {
    const ref = newRef();
    const vault = server();
    const sealed = await vault.seal(ref, { value: secret('v') });
    const place = JSON.parse(Buffer.from(sealed.bytes).toString());
    const old: Sealed = { ...sealed, bytes: Buffer.from(JSON.stringify({ ...place, index: undefined })) };
    expect((await vault.open(ref, old)).value?.reveal()).toBe('v');
  });

  test('a value that the active node does not have is missing, and a lagging node is unavailable', async () => {
    const ref = newRef();
    const vault = server();
    const sealed = await vault.seal(ref, { value: secret('v') });
    stored.clear();
    await expect(vault.open(ref, sealed)).rejects.toMatchObject({ code: 'vault_value_missing' });
    const other = newRef();
    const place = await vault.seal(other, { value: secret('v') });
    for (const entry of stored.values()) entry.index = Number.MAX_SAFE_INTEGER;
    lagStatus = 429;
    await expect(vault.open(other, place)).rejects.toMatchObject({ code: 'vault_unavailable' });
  });
});
