import { randomUUID } from 'node:crypto';
import { mintToken } from '@credplex/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestApi, type TestApi, type TestUser } from './testing/api.ts';
import { expectProblem } from './testing/expect.ts';

const DAY = 86_400_000;
let api: TestApi;
beforeAll(async () => {
  api = await openTestApi();
});
afterAll(() => api.close());

function whoami(token: string | null) {
  return api.sendRaw('GET', '/v1/auth/whoami', { token });
}

function issue(user: TestUser, over: Readonly<Record<string, unknown>> = {}) {
  return api.sendRaw('POST', '/v1/auth/tokens', {
    token: user.token,
    body: { identity_ref: user.actor, env_prefix: 'stage', ...over },
  });
}

describe('a session', () => {
  test('200: whoami names the owner of the token by its bare UUID', async () => {
    const user = await api.user();
    const answer = await whoami(user.token);
    expect(answer.json).toEqual({ principal_type: 'user', principal_scope: 'platform', subject: user.id });
  });

  test('a token that the operator made for a service is the service', async () => {
    const id = randomUUID();
    const owner = `service:${id}`;
    const caller = { actor: 'operator', requestId: 'x' };
    const { plaintext } = await mintToken(api.broker, caller, { owner, environment: 'prod' });
    expect((await whoami(plaintext.reveal())).json).toMatchObject({ principal_type: 'service', subject: id });
  });

  test.each([
    ['nothing', undefined],
    ['no scheme', 'psk_dev_x'],
    ['another scheme', 'Basic YTpi'],
    ['an empty token', 'Bearer '],
    ['a CredHub token', 'Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln'],
    ['an unknown token', `Bearer psk_dev_${randomUUID()}_${'A'.repeat(43)}`],
    ['two tokens', 'Bearer a b'],
  ])('401 for %s', async (_, authorization) => {
    const headers = authorization === undefined ? {} : { authorization };
    const answer = await api.sendRaw('GET', '/v1/auth/whoami', { headers });
    expectProblem(answer, 401, 'unauthenticated');
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  test('401 for a token with another secret, another environment, or of a user who is gone', async () => {
    const user = await api.user();
    expectProblem(await whoami(user.token.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))), 401, 'unauthenticated');
    expectProblem(await whoami(user.token.replace('_dev_', '_prod_')), 401, 'unauthenticated');
    const at = new Date();
    const revocation = { kind: 'user', subject: user.id, before: at, expiresAt: at } as const;
    const audit = { at, requestId: 'x', actor: 'operator', action: 'user.remove', resource: null };
    await api.storage.accounts.deleteUser(user.id, revocation, audit);
    expectProblem(await whoami(user.token), 401, 'unauthenticated');
  });

  test('204 on the end of a session, with or without one; API tokens stay valid', async () => {
    const user = await api.user();
    for (const token of [user.token, null, 'nonsense']) {
      const left = await api.as(token)('DELETE /v1/auth/whoami');
      expect([left.status, left.text]).toEqual([204, '']);
      expect(left.response.headers.get('set-cookie')).toMatch(/^plexsphere_session=; Path=\/v1\/; Max-Age=0/);
    }
    expect((await whoami(user.token)).status).toBe(200);
  });
});

describe('API tokens', () => {
  test('201: shown once, valid immediately, stored as a hash only', async () => {
    const user = await api.user();
    const made = await issue(user, { ttl_seconds: 60 });
    expect(made.status).toBe(201);
    const { id, plaintext } = made.json;
    expect(plaintext).toMatch(new RegExp(`^psk_stage_${id}_[A-Za-z0-9_-]{43}$`));
    expect((await whoami(plaintext)).json.subject).toBe(user.id);
    const listed = await api.sendRaw('GET', '/v1/auth/tokens', { token: user.token });
    expect(listed.json.map((token: { id: string }) => token.id)).toContain(id);
    const rows = await api.storage.sql.slowQuery<{ id: string }>('select * from api_token where id = $1', [id]);
    const secretPart = plaintext.slice(-43);
    expect(JSON.stringify(rows)).not.toContain(secretPart);
    expect(listed.text).not.toContain(secretPart);
    const everything = (await api.everything()).split('\n').filter((line) => line.includes(secretPart));
    expect(everything).toEqual([made.text]);
  });

  test('last 30 days unless told otherwise, and not a moment longer', async () => {
    const other = await openTestApi();
    try {
      const user = await other.user();
      const body = { identity_ref: user.actor.toUpperCase().replace('USER', 'user'), env_prefix: 'dev' };
      const before = Date.now();
      const { json } = await other.sendRaw('POST', '/v1/auth/tokens', { token: user.token, body });
      const issuedAt = Date.parse(json.expires_at) - 30 * DAY;
      expect(issuedAt).toBeGreaterThanOrEqual(before - 1000);
      expect(issuedAt).toBeLessThanOrEqual(Date.now());
      const get = () => other.sendRaw('GET', '/v1/auth/whoami', { token: json.plaintext });
      expect((await get()).status).toBe(200);
      other.later(30 * DAY);
      expectProblem(await get(), 401, 'unauthenticated');
    } finally {
      await other.close();
    }
  });

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['invalid_token_request', { identity_ref: `user:${randomUUID()}` }],
    ['invalid_token_request', { identity_ref: `service:${randomUUID()}` }],
    ['invalid_body', { identity_ref: 'x' }],
    ['invalid_body', { env_prefix: 'test' }],
    ['invalid_body', { ttl_seconds: 0 }],
    ['invalid_body', { ttl_seconds: 31_536_001 }],
    ['invalid_body', { ttl_seconds: 1.5 }],
    ['invalid_body', { ttl_seconds: '60' }],
    ['invalid_body', { scope: 'x' }],
  ])('400 %s for %j', async (code, over) => expectProblem(await issue(await api.user(), over), 400, code));

  test('revoked: refused at once; 404 the second time and for everybody else', async () => {
    const [user, other] = [await api.user(), await api.user()];
    const { json } = await issue(user);
    const drop = (token: string, id = json.id) => api.sendRaw('DELETE', `/v1/auth/tokens/${id}`, { token });
    expectProblem(await drop(other.token), 404, 'token_not_found');
    expect((await drop(user.token)).status).toBe(204);
    expectProblem(await whoami(json.plaintext), 401, 'unauthenticated');
    expectProblem(await drop(user.token), 404, 'token_not_found');
    expectProblem(await drop(user.token, 'x'), 400, 'invalid_token_id');
    expectProblem(await api.sendRaw('DELETE', `/v1/auth/tokens/${json.id}`), 401, 'unauthenticated');
  });

  test('rotated: the same id, both secrets until the deadline, then the new one alone', async () => {
    const own = await openTestApi();
    try {
      const user = await own.user();
      const rotate = (id: string, token: string) => own.sendRaw('POST', `/v1/auth/tokens/${id}/rotate`, { token });
      const { json: first } = await own.sendRaw('POST', '/v1/auth/tokens', {
        token: user.token,
        body: { identity_ref: user.actor, env_prefix: 'prod' },
      });
      const rotated = await rotate(first.id, user.token);
      expect(rotated.status).toBe(200);
      expect(rotated.json).toMatchObject({ id: first.id, env_prefix: 'prod' });
      expect(rotated.json.plaintext).not.toBe(first.plaintext);
      const sunset = rotated.headers.get('sunset') ?? '';
      expect(sunset).toMatch(/ GMT$/);
      expect(Date.parse(sunset)).toBe(Date.parse(rotated.json.rotation_deadline));
      const works = async (token: string) => (await own.sendRaw('GET', '/v1/auth/whoami', { token })).status === 200;
      expect([await works(first.plaintext), await works(rotated.json.plaintext)]).toEqual([true, true]);
      own.later(DAY + 1000);
      expect([await works(first.plaintext), await works(rotated.json.plaintext)]).toEqual([false, true]);
      expectProblem(await rotate(first.id, (await own.user()).token), 404, 'token_not_found');
      expectProblem(await rotate('7', user.token), 400, 'invalid_token_id');
    } finally {
      await own.close();
    }
  });

  test('rotated shortly before the end: the deadline is the whole second that Sunset tells', async () => {
    const user = await api.user();
    const {
      response: { json },
    } = await api.as(user.token)('POST /v1/auth/tokens', {
      body: { identity_ref: user.actor, env_prefix: 'dev', ttl_seconds: 60 },
    });
    const rotated = await api.as(user.token)('POST /v1/auth/tokens/{id}/rotate', { params: { id: json.id } });
    expect(rotated.response.json.rotation_deadline).toMatch(/\.000Z$/);
    expect(Date.parse(rotated.response.headers.get('sunset') ?? '')).toBe(
      Date.parse(rotated.response.json.rotation_deadline),
    );
    expect(Date.parse(rotated.response.json.rotation_deadline)).toBeLessThanOrEqual(Date.parse(json.expires_at));
  });

  test('store their last use', async () => {
    const user = await api.user();
    await whoami(user.token);
    const {
      response: { json },
    } = await api.as(user.token)('GET /v1/auth/tokens');
    expect(json[0].last_used_at).toEqual(expect.any(String));
  });
});
