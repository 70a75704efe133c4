/**
 * An outage never opens a door (docs/reference/plexsphere-v1.md#problems), and no failure leaves a row without its
 * secret (docs/reference/plexsphere-v1.md#atomicity).
 */
import { startOpenBao, type TestOpenBao } from '@credplex/storage/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestApi, type TestApi, type TestUser } from './testing/api.ts';
import { expectProblem } from './testing/expect.ts';

describe('OpenBao', () => {
  let bao: TestOpenBao;
  let api: TestApi;
  let owner: TestUser & { cloudId: string };
  beforeAll(async () => {
    bao = await startOpenBao({ kind: 'raft-tls' });
    api = await openTestApi({ vault: bao });
    owner = await api.cloudOwner();
  });
  afterAll(async () => {
    await api?.close();
    await bao?.stop();
  });

  const count = async (table: string): Promise<number> =>
    (await api.storage.sql.slowQuery<{ n: number }>(`select count(*)::int as n from ${table}`))[0]?.n ?? -1;
  /** Ids of documents under the cloud. */
  const documents = (): string[] => {
    try {
      const path = `credplex/clouds/${owner.cloudId}/credentials`;
      return JSON.parse(bao.bao('kv', 'list', '-format=json', '-mount=secret', path)) as string[];
    } catch {
      return [];
    }
  };

  test('sealed: issue is 503 and leaves no row, event or audit of a success, and the sweep removes the intent', async () => {
    const before = [await count('cloud_credential'), await count('outbox')];
    await bao.seal();
    try {
      const answer = await api.issue(owner);
      expectProblem(answer, 503, 'openbao_unavailable');
      expect([await count('cloud_credential'), await count('outbox')]).toEqual(before);
      const health = await api.sendRaw('GET', '/v1/health');
      expect([health.status, health.json.status]).toEqual([200, 'degraded']);
    } finally {
      await bao.unseal();
    }
    expect((await api.issue(owner)).status).toBe(201);
    api.later(700_000);
    await api.sweep();
    expect(await count('intent')).toBe(0);
  });

  test('sealed: revoke revokes the row, answers 503, and the next call completes it', async () => {
    const { json } = await api.issue(owner);
    const revoke = () =>
      api.sendRaw('POST', `/v1/cloud-credentials/${json.id}/revoke`, { token: owner.token, body: { reason: 'leak' } });
    await bao.seal();
    try {
      expectProblem(await revoke(), 503, 'openbao_unavailable');
      const read = await api.sendRaw('GET', `/v1/cloud-credentials/${json.id}`, { token: owner.token });
      expect(read.json.status).toBe('revoked');
    } finally {
      await bao.unseal();
    }
    expect((await revoke()).json).toMatchObject({ status: 'revoked' });
    expect(await api.storage.plexsphere.pendingVaultRevocations({ id: json.id, limit: 1 })).toEqual([]);
  });

  test('sealed: the sweep completes a revocation that is not repeated', async () => {
    const { json } = await api.issue(owner);
    await bao.seal();
    const answer = await api.sendRaw('POST', `/v1/cloud-credentials/${json.id}/revoke`, {
      token: owner.token,
      body: { reason: 'leak' },
    });
    expect(answer.status).toBe(503);
    await bao.unseal();
    await api.sweep();
    expect(await api.storage.plexsphere.pendingVaultRevocations({ id: json.id, limit: 1 })).toEqual([]);
  });

  test('a failed transaction destroys its document', async () => {
    const before = documents();
    const rows = await count('cloud_credential');
    await api.storage.sql.slowQuery(
      `create function refuse_outbox() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$`,
    );
    await api.storage.sql.slowQuery('create trigger refuse before insert on outbox execute function refuse_outbox()');
    try {
      expectProblem(await api.issue(owner), 500, 'internal');
    } finally {
      await api.storage.sql.slowQuery('drop trigger refuse on outbox');
    }
    expect(documents().sort()).toEqual(before.sort());
    expect([await count('cloud_credential'), await count('intent')]).toEqual([rows, 0]);
  });

  test('a crash between the vault and the row leaves a document that the sweep destroys, never a row', async () => {
    const { intents, vault } = api.storage;
    const ref = { purpose: 'cloud_credential' as const, id: crypto.randomUUID(), path: '' };
    const place = { ...ref, path: `clouds/${owner.cloudId}/credentials/${ref.id}` };
    await intents.open(place.path, { purpose: place.purpose, id: place.id, keyId: vault.activeKeyId() });
    await vault.seal(place, {});
    expect(documents()).toContain(ref.id);
    // A younger intent may belong to a write that is still going on.
    await api.sweep();
    api.later(700_000);
    await api.sweep();
    expect(documents()).not.toContain(ref.id);
    expect(await count('intent')).toBe(0);
  });
});

describe('the database', () => {
  test('away: 503 for everybody on everything that needs it, never a success and never a denial', async () => {
    const api = await openTestApi();
    const owner = await api.cloudOwner();
    const stranger = await api.user();
    await api.storage.close();
    for (const { token } of [owner, stranger]) {
      const issue = await api.sendRaw('POST', `/v1/clouds/${owner.cloudId}/cloud-credentials`, { token, body: '{' });
      expectProblem(issue, 503, 'datastore_unavailable');
      expectProblem(await api.sendRaw('GET', '/v1/clouds', { token }), 503, 'datastore_unavailable');
    }
    expect((await api.sendRaw('GET', '/v1/health')).status).toBe(503);
    expect((await api.sendRaw('GET', '/v1/version')).status).toBe(200);
  });

  test('a relation that cannot be looked up is 503 authz_unavailable; a denial that cannot be written is no 403', async () => {
    const api = await openTestApi();
    try {
      const owner = await api.cloudOwner();
      const stranger = await api.user();
      const issue = (token: string) =>
        api.sendRaw('POST', `/v1/clouds/${owner.cloudId}/cloud-credentials`, { token, body: '{' });
      await api.storage.sql.slowQuery('alter table audit_event rename to audit_event_away');
      expectProblem(await issue(stranger.token), 500, 'internal');
      await api.storage.sql.slowQuery('alter table audit_event_away rename to audit_event');
      expectProblem(await issue(stranger.token), 403, 'permission_denied');
      const lock = api.storage.sql.transaction(async (tx) => {
        await tx.run('lock table relation_tuple in access exclusive mode');
        expectProblem(await issue(owner.token), 503, 'authz_unavailable');
      });
      await lock;
    } finally {
      await api.close();
    }
  });
});
