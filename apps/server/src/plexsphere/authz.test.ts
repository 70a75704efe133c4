import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestApi, type TestApi, type TestUser } from './testing/api.ts';
import { expectProblem } from './testing/expect.ts';

let api: TestApi;
let owner: TestUser & { cloudId: string };
beforeAll(async () => {
  api = await openTestApi();
  owner = await api.cloudOwner();
});
afterAll(() => api.close());

function check(body: unknown, token: string | null = owner.token) {
  return api.sendRaw('POST', '/v1/authz/check', { token, body });
}

describe('POST /v1/authz/check', () => {
  test('200 allowed with the path, 200 denied with the reason: never 403, for every caller', async () => {
    const nobody = await api.user();
    const resource = `cloud:${owner.cloudId}`;
    const allowed = await check({ subject: owner.actor, relation: 'manage', resource }, nobody.token);
    expect(allowed.json).toEqual({
      decision: 'allowed',
      relation_path: [`${resource}#cloud_admin`],
      correlation_id: allowed.headers.get('x-correlation-id'),
    });
    const ask = async (subject: string, relation: string, what = resource) =>
      (await check({ subject, relation, resource: what, caveat_context: { now: 'x' } })).json;
    expect(await ask(nobody.actor, 'manage')).toMatchObject({ decision: 'denied', reason: 'out_of_scope' });
    expect(await ask(nobody.actor, 'manage')).not.toHaveProperty('relation_path');
    expect(await ask(owner.actor, 'fly')).toMatchObject({ decision: 'denied', reason: 'unknown' });
    const observer = await api.user(`auditor ${resource}`);
    expect(await ask(observer.actor, 'manage')).toMatchObject({ reason: 'insufficient_relation' });
    expect(await ask(owner.actor, 'manage', 'platform:plexsphere')).toMatchObject({ decision: 'allowed' });
  });

  test('UUIDs in capitals are the same subject and resource', async () => {
    const body = {
      subject: `user:${owner.id.toUpperCase()}`,
      relation: 'manage',
      resource: `cloud:${owner.cloudId.toUpperCase()}`,
    };
    const { json } = await check(body);
    expect(json).toMatchObject({ decision: 'allowed', relation_path: [`cloud:${owner.cloudId}#cloud_admin`] });
  });

  test('a group: its members have what it has, until they leave', async () => {
    const member = await api.user('member group:provisioners');
    const { broker } = api;
    const grant = {
      resource: { type: 'cloud', id: owner.cloudId },
      relation: 'cloud_admin',
      subject: { type: 'group', id: 'provisioners', relation: 'member' },
    };
    const caller = { actor: 'operator', requestId: 'x' };
    const { grantRelation, revokeRelation } = await import('@credplex/core');
    await grantRelation(broker, caller, grant);
    expect((await api.issue({ ...member, cloudId: owner.cloudId })).status).toBe(201);
    await revokeRelation(broker, caller, {
      resource: { type: 'group', id: 'provisioners' },
      relation: 'member',
      subject: { type: 'user', id: member.id },
    });
    expectProblem(await api.issue({ ...member, cloudId: owner.cloudId }), 403, 'permission_denied');
  });

  test.each<[string, unknown]>([
    ['invalid_check_request', { subject: '', relation: 'manage', resource: 'cloud:x' }],
    ['invalid_check_request', { subject: 'x', relation: 'manage', resource: 'cloud:x' }],
    ['invalid_check_request', { subject: 'user:x', relation: '', resource: 'cloud:x' }],
    ['invalid_check_request', { subject: 'user:x', relation: 'x'.repeat(4097), resource: 'cloud:x' }],
    ['invalid_check_request', { subject: 'user:x', relation: 'manage', resource: 'cloud:x#y' }],
    ['invalid_check_request', { subject: 'user:\0', relation: 'manage', resource: 'cloud:x' }],
    ['invalid_body', { subject: 'user:x', relation: 'manage' }],
    ['invalid_body', { subject: 'user:x', relation: 'manage', resource: 7 }],
    ['invalid_body', { subject: 'user:x', relation: 'manage', resource: 'cloud:x', caveat_context: [] }],
    ['invalid_body', { subject: 'user:x', relation: 'manage', resource: 'cloud:x', more: 1 }],
    ['invalid_body', '{'],
  ])('400 %s for %j', async (code, body) => expectProblem(await check(body), 400, code));

  test('a relation that is no word of the schema is denied as unknown', async () => {
    const answer = await check({ subject: 'user:x', relation: 'a\0 b', resource: 'cloud:x' });
    expect(answer.json).toMatchObject({ decision: 'denied', reason: 'unknown' });
  });

  test('401 without a session; 413 over 8 KiB', async () => {
    expectProblem(await check({}, null), 401, 'unauthenticated');
    expectProblem(await check({ subject: 'x'.repeat(9000) }), 413, 'request_body_too_large');
  });
});
