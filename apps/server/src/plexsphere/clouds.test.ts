import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newCloud, openTestApi, type TestApi, type TestUser } from './testing/api.ts';
import { expectProblem } from './testing/expect.ts';

let api: TestApi;
let admin: TestUser;
beforeAll(async () => {
  api = await openTestApi();
  admin = await api.user('admin platform');
});
afterAll(() => api.close());

function create(over: Readonly<Record<string, unknown>> = {}, token: string | null = admin.token) {
  return api.sendRaw('POST', '/v1/clouds', { token, body: newCloud(over) });
}

function unknownId() {
  return `0197f3c2-8f60-7cc5-9d9b-${randomBytes(6).toString('hex')}`;
}

describe('POST /v1/clouds', () => {
  test('201: the cloud, its address, and a creator who may use it at once', async () => {
    const body = newCloud({ display_name: '  Zürich ☁ ', endpoint: { region: 'eu', kept: { deep: [1, 'x', null] } } });
    const made = await api.sendRaw('POST', '/v1/clouds', { token: admin.token, body });
    expect(made.status).toBe(201);
    expect(made.json).toEqual({
      ...body,
      display_name: 'Zürich ☁',
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      created_at: expect.any(String),
      updated_at: made.json.created_at,
    });
    expect(made.headers.get('location')).toBe(`/v1/clouds/${made.json.id}`);
    const read = await api.sendRaw('GET', made.headers.get('location') ?? '', { token: admin.token });
    expect(read.json).toEqual(made.json);
    expect((await api.issue({ ...admin, cloudId: made.json.id })).status).toBe(201);
    expect(await api.everything()).toContain('CloudCreated');
  });

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['invalid_body', { slug: 7 }],
    ['invalid_body', { slug: undefined }],
    ['invalid_body', { endpoint: null }],
    ['invalid_body', { endpoint: [] }],
    ['invalid_body', { region_defaults: 'x' }],
    ['invalid_body', { extra: true }],
    ['invalid_body', { display_name: 'a\0b' }],
    ['invalid_body', { external_id: 'a\ud800' }],
    ['unknown_provider', { provider: 'gcp' }],
    ['unknown_provider', { provider: '' }],
    ['invalid_cloud_endpoint', { endpoint: {} }],
    ['invalid_cloud_endpoint', { endpoint: { region: 'eu', role_arn: 'nobody' } }],
    ['invalid_cloud_endpoint', { provider: 'azure', endpoint: { subscription_id: 'x' } }],
    ['invalid_cloud_region_defaults', { region_defaults: { vpc_cidr: '10.0.0.1/16' } }],
    ['invalid_cloud', { slug: 'Acme' }],
    ['invalid_cloud', { slug: '' }],
    ['invalid_cloud', { slug: 'a--b' }],
    ['invalid_cloud', { slug: 'a'.repeat(64) }],
    ['invalid_cloud', { display_name: ' \t ' }],
    ['invalid_cloud', { display_name: 'x'.repeat(257) }],
    ['invalid_cloud', { external_id: '' }],
    ['invalid_cloud', { external_id: 'x'.repeat(4097) }],
  ])('400 %s for %j', async (code, over) => expectProblem(await create(over), 400, code));

  test.each([
    '',
    'null',
    '[]',
    '7',
    '{',
    '{"a":1}{',
    '\ufeff{}x',
    '{"slug":1e400}',
    `${'['.repeat(600)}${']'.repeat(600)}`,
  ])('400 invalid_body for the body %j', async (body) =>
    expectProblem(await api.sendRaw('POST', '/v1/clouds', { token: admin.token, body }), 400, 'invalid_body'),
  );

  test('400 invalid_body for another content type; a charset is fine', async () => {
    const send = (type: string) =>
      api.sendRaw('POST', '/v1/clouds', { token: admin.token, body: newCloud(), headers: { 'content-type': type } });
    expectProblem(await send('text/plain'), 400, 'invalid_body');
    expectProblem(await send('application/x-www-form-urlencoded'), 400, 'invalid_body');
    expect((await send('application/json; charset=UTF-8')).status).toBe(201);
  });

  test('an unknown key __proto__ deep in the endpoint comes back as it was', async () => {
    const text = JSON.stringify(newCloud()).replace('"region":', '"__proto__":{"x":1},"region":');
    const made = await api.sendRaw('POST', '/v1/clouds', { token: admin.token, body: text });
    expect(made.status).toBe(201);
    expect(made.text).toContain('"__proto__":{"x":1}');
  });

  test('401 without a session', async () => expectProblem(await create({}, null), 401, 'unauthenticated'));

  test('403 before the body is looked at, with the edge that is there', async () => {
    const auditor = await api.user('auditor platform');
    const nobody = await api.user();
    for (const body of ['{', newCloud(), 'x'.repeat(9000)]) {
      expectProblem(await api.sendRaw('POST', '/v1/clouds', { token: nobody.token, body }), 403, 'permission_denied');
    }
    const denied = await create({}, auditor.token);
    expect(denied.json).toMatchObject({
      reason: 'insufficient_relation',
      relation_path: ['platform:plexsphere#auditor'],
    });
  });

  test('409 for a taken slug, and for a taken external id of the same provider', async () => {
    const first = newCloud();
    await api.sendRaw('POST', '/v1/clouds', { token: admin.token, body: first });
    expectProblem(await create({ slug: first.slug }), 409, 'cloud_slug_conflict');
    expectProblem(await create({ external_id: first.external_id }), 409, 'cloud_external_id_conflict');
    const azure = { provider: 'azure', endpoint: { subscription_id: randomUUID(), tenant_id: randomUUID() } };
    expect((await create({ external_id: first.external_id, ...azure, region_defaults: {} })).status).toBe(201);
  });

  test('413 at 8193 bytes, not at 8192', async () => {
    const body = (bytes: number) => {
      const empty = JSON.stringify(newCloud({ endpoint: { region: 'eu', pad: '' } }));
      return empty.replace('"pad":""', `"pad":"${'x'.repeat(bytes - Buffer.byteLength(empty))}"`);
    };
    expect((await api.sendRaw('POST', '/v1/clouds', { token: admin.token, body: body(8192) })).status).toBe(201);
    const over = await api.sendRaw('POST', '/v1/clouds', { token: admin.token, body: body(8193) });
    expectProblem(over, 413, 'request_body_too_large');
  });

  test('a race for one slug makes one cloud', async () => {
    const slug = `raced-${randomBytes(4).toString('hex')}`;
    const answers = await Promise.all(Array.from({ length: 6 }, () => create({ slug })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
  });
});

describe('GET /v1/clouds', () => {
  test('200: by slug, page after page, to the end', async () => {
    const mine = await api.user('admin platform');
    const slugs = ['page-c', 'page-a', 'page-b-1', 'page-b'];
    for (const slug of slugs) await create({ slug }, mine.token);
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = await api.sendRaw('GET', `/v1/clouds?limit=2${cursor}`, { token: mine.token });
      expect(page.status).toBe(200);
      expect(page.json.items.length).toBeLessThanOrEqual(2);
      seen.push(...page.json.items.map((cloud: { slug: string }) => cloud.slug));
      cursor = page.json.next_cursor === undefined ? '' : `&cursor=${page.json.next_cursor}`;
    } while (cursor !== '');
    expect(seen).toEqual([...seen].sort());
    expect(seen.filter((slug) => slug.startsWith('page-'))).toEqual([...slugs].sort());
  });

  test('rows that the caller may not observe are dropped, and the page still goes on', async () => {
    const [one, two] = await Promise.all([create({ slug: 'seen-0' }), create({ slug: 'seen-1' })]);
    expect([one.status, two.status]).toEqual([201, 201]);
    const observer = await api.user(`auditor cloud:${two.json.id}`);
    const all = await api.as(observer.token)('GET /v1/clouds', { query: { limit: 200 } });
    expect(all.response.json.items.map((cloud: { id: string }) => cloud.id)).toEqual([two.json.id]);
    const short = await api.as(observer.token)('GET /v1/clouds', { query: { limit: 1 } });
    expect(short.response.json).toMatchObject({ items: [], next_cursor: expect.any(String) });
    expect((await api.as((await api.user()).token)('GET /v1/clouds')).response.json.items).toEqual([]);
  });

  test.each(['0', '201', '-1', '1.5', 'x', '', '%20', '01', '9999999999'])('400 invalid_limit for %j', async (limit) =>
    expectProblem(await api.sendRaw('GET', `/v1/clouds?limit=${limit}`, { token: admin.token }), 400, 'invalid_limit'),
  );

  test('an empty cursor is as absent, with its equals sign and without', async () => {
    const first = await api.as(admin.token)('GET /v1/clouds', { query: { limit: 1 } });
    for (const query of ['cursor=&limit=1', 'limit=1&cursor=', 'limit=1&cursor']) {
      const page = await api.sendRaw('GET', `/v1/clouds?${query}`, { token: admin.token });
      expect(page.status).toBe(200);
      expect(page.json.items).toEqual(first.response.json.items);
    }
  });

  test('400 for a tampered cursor, 403 for a genuine one of another caller, 400 for one of another list', async () => {
    const page = await api.as(admin.token)('GET /v1/clouds', { query: { limit: 1 } });
    const { next_cursor: cursor } = page.response.json;
    const other = await api.user('admin platform');
    const get = (text: string, token: string, path = '/v1/clouds') =>
      api.sendRaw('GET', `${path}?cursor=${text}`, { token });
    expectProblem(await get(`${cursor}A`, admin.token), 400, 'invalid_cursor');
    expectProblem(await get('%ff', admin.token), 400, 'invalid_cursor');
    expectProblem(await get(cursor, other.token), 403, 'cursor_binding_mismatch');
    const owner = await api.cloudOwner();
    const list = `/v1/clouds/${owner.cloudId}/cloud-credentials`;
    const own = (await api.as(owner.token)('GET /v1/clouds', { query: { limit: 1 } })).response.json.next_cursor;
    expectProblem(await get(own, owner.token, list), 400, 'invalid_cursor');
  });

  test('401 without a session', async () =>
    expectProblem(await api.sendRaw('GET', '/v1/clouds'), 401, 'unauthenticated'));
});

describe('GET /v1/clouds/{id}', () => {
  test('200 for each who may observe; the id in capitals is the same id', async () => {
    const made = await create();
    const observers = [admin, await api.user(`operator cloud:${made.json.id}`), await api.user('auditor platform')];
    for (const { token } of observers) {
      const read = await api.as(token)('GET /v1/clouds/{id}', { params: { id: made.json.id.toUpperCase() } });
      expect(read.response.json).toEqual(made.json);
    }
  });

  test.each(['x', '00000000-0000-0000-0000-000000000000', '0197f3c2-8f60-7cc5-9d9b', '%00'])(
    '400 invalid_cloud_id for %j',
    async (id) =>
      expectProblem(await api.sendRaw('GET', `/v1/clouds/${id}`, { token: admin.token }), 400, 'invalid_cloud_id'),
  );

  test('401 without a session, whatever the id', async () =>
    expectProblem(await api.sendRaw('GET', '/v1/clouds/x'), 401, 'unauthenticated'));

  test('403: a cloud of others and an unknown one look the same', async () => {
    const nobody = await api.user();
    const hidden = await create();
    const strip = (text: string) => text.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<id>');
    const answers = await Promise.all(
      [hidden.json.id, unknownId()].map((id) => api.sendRaw('GET', `/v1/clouds/${id}`, { token: nobody.token })),
    );
    for (const answer of answers) expectProblem(answer, 403, 'permission_denied');
    expect(strip(answers[0]?.text ?? '')).toBe(strip(answers[1]?.text ?? ''));
  });

  test('404 only for who may read the platform', async () => {
    for (const relation of ['admin platform', 'auditor platform']) {
      const { token } = await api.user(relation);
      expectProblem(await api.sendRaw('GET', `/v1/clouds/${unknownId()}`, { token }), 404, 'cloud_not_found');
    }
    const owner = await create();
    const operator = await api.user(`operator cloud:${owner.json.id}`);
    const unknown = await api.sendRaw('GET', `/v1/clouds/${unknownId()}`, { token: operator.token });
    expectProblem(unknown, 403, 'permission_denied');
  });
});
