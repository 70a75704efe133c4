/** Settings of the operator that change what the API answers: certificates, and permissions at the start (level 2). */
import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, NOBODY, OTHER } from './harness/recorded-actors.ts';
import { startServer, type TestServer } from './harness/server.ts';

type Json = Record<string, unknown>;
interface Certificate extends Json {
  readonly id: string;
  readonly value: { readonly ca: string; readonly certificate: string };
}
const DATA = '/api/v1/data';
const everything = {
  path: '/*',
  actors: [ADMIN],
  operations: ['read', 'write', 'delete', 'read_acl', 'write_acl'],
};
const seeded = { path: '/seeded/*', actors: [NOBODY, OTHER], operations: ['read'] };
const strict = {
  ca_minimum_duration_in_days: 1825,
  leaf_minimum_duration_in_days: 400,
  enable_default_ca_key_usages: true,
};

let server: TestServer;
beforeAll(async () => {
  server = await startServer({
    level: 2,
    settings: { certificates: strict, permissions: [everything, seeded] },
  });
});
afterAll(() => server?.stop());

async function ok(method: string, path: string, body?: unknown): Promise<Json> {
  const answer = await server.sendRaw(method, path, body);
  expect(answer.status, answer.text).toBeLessThan(300);
  return (answer.text === '' ? {} : answer.json()) as Json;
}
async function generate(name: string, parameters: Json, more: Json = {}): Promise<Certificate> {
  return (await ok('POST', DATA, { name, type: 'certificate', parameters, ...more })) as unknown as Certificate;
}
function days({ value }: Certificate): number {
  const { validFromDate, validToDate } = new X509Certificate(value.certificate);
  return (validToDate.getTime() - validFromDate.getTime()) / 86_400_000;
}
/** keyCertSign and cRLSign as their extension writes them: a bit string of one byte, critical (RFC 5280, 4.2.1.3). */
const SIGNS = Buffer.from('0603551d0f0101ff040403020106', 'hex');
function signs({ value }: Certificate): boolean {
  return new X509Certificate(value.certificate).raw.includes(SIGNS);
}

describe('minimum durations and default key usages of certificates', () => {
  test('a shorter duration is raised, and the answer says so; a longer one is kept', async () => {
    const ca = await generate('/settings/ca', { common_name: 'ca', is_ca: true });
    expect(ca).toMatchObject({ duration_overridden: true, duration_used: 1825 });
    expect(days(ca)).toBe(1825);
    const leaf = await generate('/settings/leaf', { common_name: 'leaf', ca: '/settings/ca', duration: 1 });
    expect(leaf).toMatchObject({ duration_overridden: true, duration_used: 400 });
    expect(days(leaf)).toBe(400);
    const long = await generate('/settings/long', { common_name: 'leaf', ca: '/settings/ca', duration: 500 });
    expect(long).toMatchObject({ duration_overridden: false, duration_used: 500 });
  });

  test('the range of durations holds for what was asked', async () => {
    const body = {
      name: '/settings/no',
      type: 'certificate',
      parameters: { common_name: 'x', is_ca: true, duration: 0 },
    };
    expect((await server.call('POST /api/v1/data', { body })).status).toBe(400);
  });

  test('regenerate raises as well, of a certificate and of a whole chain', async () => {
    await server.restart({ certificates: {}, permissions: [everything] });
    const before = await generate('/settings/short', { common_name: 'short', is_ca: true, duration: 30 });
    expect([days(before), signs(before)]).toEqual([30, false]);
    await generate('/settings/below', { common_name: 'below', ca: '/settings/short', duration: 30 });
    await server.restart({ certificates: strict, permissions: [everything] });
    const after = (await ok('POST', '/api/v1/regenerate', { name: '/settings/short' })) as unknown as Certificate;
    expect(after).toMatchObject({ duration_overridden: true, duration_used: 1825 });
    expect([days(after), signs(after)]).toEqual([1825, true]);
    await ok('POST', '/api/v1/bulk-regenerate', { signed_by: '/settings/short' });
    const { data } = (await ok('GET', `${DATA}?name=/settings/below&current=true`)) as unknown as {
      data: Certificate[];
    };
    expect(data.map(days)).toEqual([400]);
  });

  test('a CA without key usages gets those of a CA, one with some keeps them, a leaf gets none', async () => {
    const ca = await generate('/settings/usages', { common_name: 'ca', is_ca: true });
    expect(signs(ca)).toBe(true);
    expect(signs(await generate('/settings/empty', { common_name: 'ca', is_ca: true, key_usage: [] }))).toBe(true);
    const own = { common_name: 'ca', is_ca: true, key_usage: ['digital_signature'] };
    expect(signs(await generate('/settings/own', own))).toBe(false);
    expect(signs(await generate('/settings/none', { common_name: 'leaf', ca: '/settings/usages' }))).toBe(false);
    const again = await generate('/settings/usages', { common_name: 'ca', is_ca: true }, { mode: 'converge' });
    expect(again.id).toBe(ca.id);
  });

  test('without concatenate_cas a child carries the CA that signed it, whatever is transitional', async () => {
    const ca = await generate('/settings/rotated', { common_name: 'ca', is_ca: true });
    const leaf = await generate('/settings/child', { common_name: 'leaf', ca: '/settings/rotated' });
    const list = await ok('GET', '/api/v1/certificates?name=/settings/rotated');
    const [{ id } = { id: '' }] = list.certificates as { id: string }[];
    await ok('POST', `/api/v1/certificates/${id}/regenerate`, { set_as_transitional: true });
    const { data } = (await ok('GET', `${DATA}?name=/settings/child`)) as unknown as { data: Certificate[] };
    expect(data.map((version) => version.id)).toEqual([leaf.id]);
    expect(data[0]?.value.ca).toBe(ca.value.certificate);
    const next = await generate('/settings/child-2', { common_name: 'leaf', ca: '/settings/rotated' });
    expect(next.value.ca).toBe(ca.value.certificate);
  });
});

describe('configured permissions', () => {
  const entries = async (actor: string): Promise<unknown> => {
    const answer = await server.call('GET /api/v2/permissions', { query: { path: '/seeded/*', actor } });
    return answer.status === 200 ? (answer.response.json() as Json).operations : answer.status;
  };

  test('are there at the start, for each of their actors', async () => {
    expect([await entries(NOBODY), await entries(OTHER)]).toEqual([['read'], ['read']]);
  });

  test('are added to what is stored, at every start; what leaves the file stays', async () => {
    const { uuid } = await ok('GET', `/api/v2/permissions?path=/seeded/*&actor=${NOBODY}`);
    await ok('PATCH', `/api/v2/permissions/${uuid}`, { operations: ['write'] });
    await ok(
      'DELETE',
      `/api/v2/permissions/${(await ok('GET', `/api/v2/permissions?path=/seeded/*&actor=${OTHER}`)).uuid}`,
    );
    await server.restart({ permissions: [everything, seeded] });
    expect([await entries(NOBODY), await entries(OTHER)]).toEqual([['read', 'write'], ['read']]);
    await server.restart({ permissions: [everything] });
    expect([await entries(NOBODY), await entries(OTHER)]).toEqual([['read', 'write'], ['read']]);
  });
});
