/** Whatever is sent: a problem in its form, never a 5xx, and what was sent does not come back. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newCloud, newCredential, openTestApi, type TestApi, type TestUser } from './testing/api.ts';

let api: TestApi;
let owner: TestUser & { cloudId: string };
beforeAll(async () => {
  api = await openTestApi();
  owner = await api.cloudOwner();
});
afterAll(() => api.close());

const runs = { numRuns: 60 };
const text = fc.string({ unit: 'binary', maxLength: 40 });
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  text,
  fc.double(),
  fc.constantFrom('\0', '\ud800', '__proto__', null),
);

async function send(method: string, path: string, body: unknown): Promise<void> {
  const answer = await api.sendRaw(method, path, { token: owner.token, body });
  expect(answer.status, `${method} ${path} ${JSON.stringify(body)} ${answer.text}`).toBeLessThan(500);
  expect(answer.headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
  if (answer.status < 400) return;
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.json).toMatchObject({ status: answer.status, code: expect.any(String) });
}

test('random JSON bodies cause no 5xx on any operation', async () => {
  const paths = [
    '/v1/clouds',
    `/v1/clouds/${owner.cloudId}/cloud-credentials`,
    '/v1/auth/tokens',
    '/v1/authz/check',
    `/v1/cloud-credentials/${owner.cloudId}/revoke`,
  ];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), value, (path, body) => send('POST', path, JSON.stringify(body) ?? '')),
    runs,
  );
});

test('valid bodies with one random field cause no 5xx', async () => {
  const bodies: [string, Readonly<Record<string, unknown>>][] = [
    ['/v1/clouds', newCloud()],
    [`/v1/clouds/${owner.cloudId}/cloud-credentials`, newCredential({ key_values: { a: 'b' } })],
    ['/v1/auth/tokens', { identity_ref: owner.actor, env_prefix: 'dev', ttl_seconds: 60 }],
    ['/v1/authz/check', { subject: owner.actor, relation: 'manage', resource: `cloud:${owner.cloudId}` }],
  ];
  const spoilt = fc.constantFrom(...bodies).chain(([path, body]) =>
    fc.record({ path: fc.constant(path), field: fc.constantFrom(...Object.keys(body), 'extra'), value }).map((one) => ({
      path: one.path,
      body: { ...body, [one.field]: one.value },
    })),
  );
  await fc.assert(
    fc.asyncProperty(spoilt, ({ path, body }) => send('POST', path, JSON.stringify(body))),
    { numRuns: 150 },
  );
});

test('random ids, limits and cursors cause no 5xx', async () => {
  const part = text.map((raw) => encodeURIComponent(raw.toWellFormed()));
  await fc.assert(
    fc.asyncProperty(part, part, fc.constantFrom('', '%', '%00', '%ff', '+'), async (id, cursor, odd) => {
      const path = id.replaceAll('.', 'x');
      await send('GET', `/v1/clouds/${path}${odd}`, undefined);
      await send('GET', `/v1/cloud-credentials/${path}${odd}`, undefined);
      await send('GET', `/v1/clouds?limit=${id}${odd}&cursor=${cursor}${odd}`, undefined);
      await send('DELETE', `/v1/auth/tokens/${path}${odd}`, undefined);
    }),
    runs,
  );
});
