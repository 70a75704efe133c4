import { randomBytes } from 'node:crypto';
import { startOpenBao, type TestOpenBao } from '@credplex/storage/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newCredential, openTestApi, type TestApi, type TestUser } from './testing/api.ts';
import { expectProblem } from './testing/expect.ts';

const DAY = 86_400_000;
function unknownId() {
  return `0197f3c2-8f60-7cc5-9d9b-${randomBytes(6).toString('hex')}`;
}

describe.each(['sql', 'openbao'] as const)('cloud credentials with the vault %s', (kind) => {
  let api: TestApi;
  let bao: TestOpenBao | undefined;
  let owner: TestUser & { cloudId: string };
  let list: string;
  beforeAll(async () => {
    bao = kind === 'openbao' ? await startOpenBao({ kind: 'dev' }) : undefined;
    api = await openTestApi({ vault: bao });
    owner = await api.cloudOwner();
    list = `/v1/clouds/${owner.cloudId}/cloud-credentials`;
  });
  afterAll(async () => {
    await api?.close();
    await bao?.stop();
  });

  /** What the vault holds for a credential, read around the API. */
  const stored = async (id: string): Promise<Record<string, string> | undefined> => {
    if (bao !== undefined) {
      const path = `secret/credplex/clouds/${owner.cloudId}/credentials/${id}`;
      return JSON.parse(bao.bao('kv', 'get', '-format=json', `-mount=secret`, path.slice('secret/'.length))).data.data;
    }
    const [row] = await api.storage.sql.slowQuery<{ sealed_key_id: string; sealed_format: number; sealed: Uint8Array }>(
      'select * from cloud_credential where id = $1',
      [id],
    );
    if (row === undefined) return undefined;
    const document = await api.storage.vault.open(
      { purpose: 'cloud_credential', id, path: `clouds/${owner.cloudId}/credentials/${id}` },
      { keyId: row.sealed_key_id, format: row.sealed_format, bytes: row.sealed },
    );
    return Object.fromEntries(Object.entries(document).map(([key, value]) => [key, value.reveal()]));
  };

  describe('issue', () => {
    test('201: metadata and address only; the vault holds payload as received and key-values beside it', async () => {
      const key_values = { role_arn: 'arn:aws:iam::1:role/x', '': 'empty key', nul: 'a\0b', Ünï: '☃' };
      const made = await api.issue(owner, { display_name: '  Padded name ', key_values });
      expect(made.status).toBe(201);
      expect(made.json).toEqual({
        id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
        cloud_id: owner.cloudId,
        display_name: 'Padded name',
        version: 1,
        status: 'active',
        expires_at: new Date(Date.parse(made.json.created_at) + 90 * DAY).toISOString(),
        created_at: expect.any(String),
        updated_at: made.json.created_at,
      });
      expect(made.headers.get('location')).toBe(`/v1/cloud-credentials/${made.json.id}`);
      const read = await api.sendRaw('GET', made.headers.get('location') ?? '', { token: owner.token });
      expect(read.json).toEqual(made.json);
      expect(await stored(made.json.id)).toEqual({ ...key_values, payload: newCredential().payload });
    });

    test('bytes of every kind come to the vault as they were sent', async () => {
      const payload = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString('base64');
      const made = await api.issue(owner, { payload });
      expect((await stored(made.json.id))?.payload).toBe(payload);
    });

    test('a key __proto__ is a key like any other', async () => {
      const text = JSON.stringify(newCredential({ key_values: { a: '1' } })).replace('"a":"1"', '"__proto__":"kept"');
      const made = await api.sendRaw('POST', list, { token: owner.token, body: text });
      expect(made.status).toBe(201);
      expect(Object.entries((await stored(made.json.id)) ?? {})).toContainEqual(['__proto__', 'kept']);
    });

    test.each<[string, Readonly<Record<string, unknown>>]>([
      ['invalid_display_name', { display_name: '' }],
      ['invalid_display_name', { display_name: ' \t\u00a0' }],
      ['invalid_display_name', { display_name: '\u0085\u2028\u3000' }],
      ['invalid_display_name', { display_name: ' ', payload: '' }],
      ['invalid_payload', { payload: '' }],
      ['invalid_body', { display_name: 'x'.repeat(257) }],
      ['invalid_body', { display_name: 7 }],
      ['invalid_body', { display_name: undefined }],
      ['invalid_body', { display_name: 'a\0' }],
      ['invalid_body', { payload: undefined }],
      ['invalid_body', { payload: null }],
      ['invalid_body', { payload: 'not base64!' }],
      ['invalid_body', { payload: 'QUJD\n' }],
      ['invalid_body', { payload: 'QUI' }],
      ['invalid_body', { payload: 'QUJD-_8=' }],
      ['invalid_body', { payload: 'A'.repeat(4100) }],
      ['invalid_body', { payload: '!', display_name: '' }],
      ['invalid_body', { key_values: { payload: 'x' } }],
      ['invalid_body', { key_values: { a: 1 } }],
      ['invalid_body', { key_values: { a: { b: 'c' } } }],
      ['invalid_body', { key_values: ['a'] }],
      ['invalid_body', { key_values: null }],
      ['invalid_body', { key_values: { a: '\udc00' } }],
      ['invalid_body', { key_values: { 'a\0': 'b' } }],
      ['invalid_body', { ttl_seconds: 7 }],
    ])('400 %s for %j', async (code, over) => expectProblem(await api.issue(owner, over), 400, code));

    test('a refusal says what the field must be and repeats nothing of the body', async () => {
      const told = async (over: Readonly<Record<string, unknown>>) => (await api.issue(owner, over)).json.detail;
      expect(await told({ payload: 'A'.repeat(4100) })).toMatch(/: payload must be base64 .*3072 bytes/);
      expect(await told({ payload: 'canary!' })).not.toContain('canary');
      expect(await told({ key_values: { payload: 'canary' } })).toMatch(
        /: key_values must be [^:]*without the key payload\.$/,
      );
      expect(await told({ display_name: 'canary'.repeat(50) })).toMatch(
        /: display_name must have at most 256 characters\.$/,
      );
    });

    test('U+0000 in a value beside the payload is data', async () => {
      const made = await api.issue(owner, { key_values: { a: 'b\0c' } });
      expect((await stored(made.json.id))?.a).toBe('b\0c');
    });

    test('4096 base64 characters are the most that pass', async () =>
      expect((await api.issue(owner, { payload: 'A'.repeat(4096) })).status).toBe(201));

    test.each(['', 'null', '[]', '"x"', '{'])('400 invalid_body for the body %j', async (body) =>
      expectProblem(await api.sendRaw('POST', list, { token: owner.token, body }), 400, 'invalid_body'),
    );

    test('the order of refusals: session, id, relation, size, body', async () => {
      const nobody = (await api.user()).token;
      const bodies = ['', '{', JSON.stringify(newCredential({ display_name: '' })), 'x'.repeat(9000)];
      const path = (id: string) => `/v1/clouds/${id}/cloud-credentials`;
      for (const body of bodies) {
        expectProblem(await api.sendRaw('POST', path('x'), { body }), 401, 'unauthenticated');
        for (const id of ['x', '00000000-0000-0000-0000-000000000000'])
          expectProblem(await api.sendRaw('POST', path(id), { token: nobody, body }), 400, 'invalid_cloud_id');
        expectProblem(await api.sendRaw('POST', list, { token: nobody, body }), 403, 'permission_denied');
      }
      // No operation here reads a query, so that none can be wrong.
      const denied = await api.sendRaw('POST', `${list}?x=%ff`, { token: nobody, body: '{' });
      expectProblem(denied, 403, 'permission_denied');
      const long = JSON.stringify({ display_name: '', payload: '', pad: 'x'.repeat(9000) });
      expectProblem(await api.sendRaw('POST', list, { token: owner.token, body: long }), 413, 'request_body_too_large');
    });

    test('403 for an unknown cloud, for everybody, and for each relation that does not manage', async () => {
      const others = [
        await api.user('admin platform'),
        await api.user(`operator cloud:${owner.cloudId}`),
        await api.user(`auditor cloud:${owner.cloudId}`),
      ];
      for (const { token } of others)
        expectProblem(await api.sendRaw('POST', list, { token, body: newCredential() }), 403, 'permission_denied');
      for (const { token } of [owner, ...others]) {
        const unknown = await api.sendRaw('POST', `/v1/clouds/${unknownId()}/cloud-credentials`, {
          token,
          body: newCredential(),
        });
        expectProblem(unknown, 403, 'permission_denied');
        expect(unknown.json).toMatchObject({ reason: 'out_of_scope', relation_path: [] });
      }
    });

    test('a denial is in the audit before its answer is out', async () => {
      const nobody = await api.user();
      const denied = await api.sendRaw('POST', list, { token: nobody.token, body: '{' });
      const rows = await api.storage.sql.slowQuery<{ action: string; details: string }>(
        'select action, details from audit_event where request_id = $1',
        [denied.json.correlation_id],
      );
      expect(rows).toHaveLength(1);
      expect(rows[0]).toMatchObject({ action: 'cloud_credential.issue' });
      expect(JSON.parse(rows[0]?.details ?? '')).toEqual({
        decision: 'denied',
        relation: 'manage',
        reason: 'out_of_scope',
      });
    });
  });

  describe('list', () => {
    test('200: by creation, page after page', async () => {
      const fresh = await api.cloudOwner();
      const ids: string[] = [];
      for (let index = 0; index < 5; index += 1) ids.push((await api.issue(fresh)).json.id);
      const path = `/v1/clouds/${fresh.cloudId}/cloud-credentials`;
      const first = await api.sendRaw('GET', `${path}?limit=3`, { token: fresh.token });
      const second = await api.sendRaw('GET', `${path}?limit=3&cursor=${first.json.next_cursor}`, {
        token: fresh.token,
      });
      expect([...first.json.items, ...second.json.items].map(({ id }: { id: string }) => id)).toEqual(ids);
      expect(second.json).not.toHaveProperty('next_cursor');
      const exact = await api.sendRaw('GET', `${path}?limit=5`, { token: fresh.token });
      expect(exact.json.next_cursor).toEqual(expect.any(String));
      const auditor = await api.user(`auditor cloud:${fresh.cloudId}`);
      expect((await api.sendRaw('GET', path, { token: auditor.token })).json.items).toHaveLength(5);
      expect((await api.sendRaw('GET', path, { token: (await api.user('auditor platform')).token })).status).toBe(200);
    });

    test('403 for who may not observe, and for an unknown cloud, for everybody', async () => {
      expectProblem(await api.sendRaw('GET', list, { token: (await api.user()).token }), 403, 'permission_denied');
      const unknown = await api.sendRaw('GET', `/v1/clouds/${unknownId()}/cloud-credentials`, { token: owner.token });
      expectProblem(unknown, 403, 'permission_denied');
    });

    test('400 for limit, cursor and id', async () => {
      const get = (path: string) => api.sendRaw('GET', path, { token: owner.token });
      expectProblem(await get(`${list}?limit=201`), 400, 'invalid_limit');
      expectProblem(await get(`${list}?cursor=abc`), 400, 'invalid_cursor');
      expect((await get(`${list}?cursor=`)).status).toBe(200);
      expectProblem(await get('/v1/clouds/x/cloud-credentials'), 400, 'invalid_cloud_id');
    });
  });

  describe('get', () => {
    test('200 for observers, 403 for others, 404 for an unknown id, 400 for none', async () => {
      const { json } = await api.issue(owner);
      const path = `/v1/cloud-credentials/${json.id}`;
      const auditor = await api.user(`auditor cloud:${owner.cloudId}`);
      expect((await api.sendRaw('GET', path, { token: auditor.token })).json).toEqual(json);
      expectProblem(await api.sendRaw('GET', path, { token: (await api.user()).token }), 403, 'permission_denied');
      const unknown = await api.sendRaw('GET', `/v1/cloud-credentials/${unknownId()}`, { token: owner.token });
      expectProblem(unknown, 404, 'cloud_credential_not_found');
      const none = await api.sendRaw('GET', '/v1/cloud-credentials/7', { token: owner.token });
      expectProblem(none, 400, 'invalid_cloud_credential_id');
      expectProblem(await api.sendRaw('GET', path), 401, 'unauthenticated');
    });

    test('shows expired the moment it is, and the sweeper emits its event once', async () => {
      const other = await openTestApi({ vault: bao });
      try {
        const mine = await other.cloudOwner();
        const { json } = await other.issue(mine);
        const get = async () =>
          (await other.as(token())('GET /v1/cloud-credentials/{id}', { params: { id: json.id } })).response.json;
        let token = () => mine.token;
        other.later(90 * DAY - 60_000);
        const fresh = await other.sendRaw('POST', '/v1/auth/tokens', {
          token: mine.token,
          body: { identity_ref: mine.actor, env_prefix: 'dev' },
        });
        // The first token lives 30 days.
        expectProblem(fresh, 401, 'unauthenticated');
        const late = await other.user(`cloud_admin cloud:${mine.cloudId}`);
        token = () => late.token;
        expect(await get()).toMatchObject({ status: 'active' });
        other.later(61_000);
        expect(await get()).toMatchObject({ status: 'expired' });
        expect(await get()).not.toHaveProperty('expired_at');
        await other.sweep();
        await other.sweep();
        const swept = await get();
        expect(swept).toMatchObject({ status: 'expired', expired_at: expect.any(String) });
        const events = (await other.storage.plexsphere.outbox({ after: 0, limit: 100 })).map(({ type }) => type);
        expect(events.filter((type) => type === 'CloudCredentialExpired')).toHaveLength(1);
        const revoked = await other.as(token())('POST /v1/cloud-credentials/{id}/revoke', {
          params: { id: json.id },
          body: { reason: 'late' },
        });
        expect(revoked.response.json).toMatchObject({ status: 'revoked', expired_at: swept.expired_at });
      } finally {
        await other.close();
      }
    });
  });

  describe('revoke', () => {
    const revoke = (id: string, body: unknown = { reason: 'rotated away' }, token = owner.token) =>
      api.sendRaw('POST', `/v1/cloud-credentials/${id}/revoke`, { token, body });

    test('200: once for all; the second call changes nothing and emits nothing', async () => {
      const { json } = await api.issue(owner);
      const first = await revoke(json.id);
      expect(first.json).toEqual({
        ...json,
        status: 'revoked',
        revoked_at: expect.any(String),
        updated_at: first.json.revoked_at,
      });
      expect((await revoke(json.id, { reason: 'again' })).json).toEqual(first.json);
      const events = (await api.storage.plexsphere.outbox({ after: 0, limit: 1000 })).filter(
        ({ type, payload }) => type === 'CloudCredentialRevoked' && payload.cloud_credential_id === json.id,
      );
      expect(events.map(({ payload }) => payload.reason)).toEqual(['rotated away']);
      if (bao === undefined) return;
      // Soft-deleted: nothing to read, but the version is still known and could be undeleted.
      expect((await stored(json.id).catch(() => null)) ?? null).toBeNull();
      const path = `credplex/clouds/${owner.cloudId}/credentials/${json.id}`;
      const { data } = JSON.parse(bao.bao('kv', 'metadata', 'get', '-format=json', '-mount=secret', path));
      expect(data.versions['1']).toMatchObject({ destroyed: false, deletion_time: expect.stringMatching(/^20/) });
    });

    test.each<[string, unknown]>([
      ['invalid_revoke_reason', { reason: '' }],
      ['invalid_revoke_reason', { reason: '  ' }],
      ['invalid_revoke_reason', { reason: 'x'.repeat(1025) }],
      ['invalid_body', {}],
      ['invalid_body', { reason: 7 }],
      ['invalid_body', { reason: 'x', more: 1 }],
      ['invalid_body', ''],
    ])('400 %s for %j', async (code, body) => {
      const { json } = await api.issue(owner);
      expectProblem(await revoke(json.id, body), 400, code);
    });

    test('the row is read first (404), then the relation (403), then the body', async () => {
      const { json } = await api.issue(owner);
      const operator = await api.user(`operator cloud:${owner.cloudId}`);
      expectProblem(await revoke(unknownId(), '{'), 404, 'cloud_credential_not_found');
      expectProblem(await revoke('x', '{'), 400, 'invalid_cloud_credential_id');
      expectProblem(await revoke(json.id, '{', operator.token), 403, 'permission_denied');
      expectProblem(await revoke(json.id, 'x'.repeat(9000)), 413, 'request_body_too_large');
      expect((await api.sendRaw('GET', `/v1/cloud-credentials/${json.id}`, { token: owner.token })).json.status).toBe(
        'active',
      );
    });
  });

  test('nothing that leaves holds a payload or a key-value: answers, logs, audit, events, rows', async () => {
    const canary = `CANARY-${randomBytes(12).toString('hex')}`;
    const payload = Buffer.from(canary).toString('base64');
    const made = await api.issue(owner, { payload, key_values: { [`k-${canary}`]: `v-${canary}` } });
    const get = (path: string) => api.sendRaw('GET', path, { token: owner.token });
    await get(`/v1/cloud-credentials/${made.json.id}`);
    await get(list);
    const wrong: [Record<string, unknown>, number][] = [
      [{ payload, display_name: '' }, 400],
      [{ payload: `${payload}!` }, 400],
      [{ payload, [canary]: 1 }, 400],
      [{ payload, key_values: { payload: canary } }, 400],
      [{ payload, key_values: { [canary]: [canary] } }, 400],
    ];
    for (const [over, status] of wrong) expect((await api.issue(owner, over)).status).toBe(status);
    for (const body of [`{"payload":"${payload}"`, `"${canary}"`, `${canary}${'x'.repeat(9000)}`])
      expect((await api.sendRaw('POST', list, { token: owner.token, body })).status).toBeGreaterThanOrEqual(400);
    await api.as(owner.token)('POST /v1/cloud-credentials/{id}/revoke', {
      params: { id: made.json.id },
      body: { reason: 'done' },
    });
    await api.sweep();
    const text = await api.everything();
    expect(made.status).toBe(201);
    expect(text).toContain(made.json.id);
    for (const form of [canary, payload, Buffer.from(canary).toString('hex')]) expect(text).not.toContain(form);
  });
});
