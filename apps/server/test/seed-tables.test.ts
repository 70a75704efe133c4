/** Every row and footnote of the API document's tables at level 1, and what its introduction promises. */
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seed } from './harness/seed-document.ts';
import { startServer } from './harness/server.ts';
import { generateChecks } from './seed-checks/generate.ts';
import { getByIdChecks, getChecks } from './seed-checks/get.ts';
import { OTHER } from './seed-checks/other.ts';
import { type Checks, createSeedClient, type Json, type SeedClient } from './seed-checks/seed-client.ts';
import { setChecks } from './seed-checks/set.ts';

let seedClient: SeedClient;
beforeAll(async () => {
  seedClient = createSeedClient(await startServer({ level: 1 }));
});
afterAll(() => seedClient?.server.stop());

/** Export and import are commands, not requests; their tables say so (apps/cli tests them). */
function isRequest({ parameter }: { parameter: string }): boolean {
  return parameter !== 'n/a';
}

function checksOf(heading: string): Checks {
  const [section = '', title = ''] = heading.split(' › ');
  const type = title.replace('Type: ', '');
  if (title === 'Get by ID') return getByIdChecks;
  if (section === 'Get Credentials') return getChecks(type);
  if (section === 'Set Credentials') return setChecks(type);
  if (section === 'Generate Credentials') return generateChecks(type);
  return OTHER[heading] ?? {};
}

/** Footnotes that differ only in the list that they end with share a check under their first words. */
function footnoteCheck(checks: Checks, text: string) {
  const known = Object.keys(checks).find((key) => text === key || (key.endsWith(' are') && text.startsWith(`${key} `)));
  return known === undefined ? undefined : checks[known];
}

const headings = [...new Set(seed.rows.filter(isRequest).map(({ heading }) => heading))];
for (const heading of headings) {
  describe(heading, () => {
    const checks = checksOf(heading);
    for (const { parameter, text } of seed.rows.filter((row) => row.heading === heading && isRequest(row))) {
      test(`${parameter} ${text}`.trim(), async () => {
        const check = checks[parameter];
        if (check === undefined) throw new Error(`nobody checks ${parameter}`);
        await check(seedClient);
      });
    }
    for (const { number, text } of seed.footnotes.filter((note) => note.heading === heading)) {
      test(`footnote ${number}: ${text}`, async () => {
        const check = footnoteCheck(checks, text);
        if (check === undefined) throw new Error(`nobody checks: ${text}`);
        await check(seedClient);
      });
    }
  });
}

describe('Errors', () => {
  const provoke: Readonly<Record<number, () => Promise<number>>> = {
    400: async () => (await seedClient.send('PUT', '/api/v1/data', '{')).status,
    401: async () => (await seedClient.server.sendRaw('GET', '/api/v1/data?name=/a', undefined, { as: null })).status,
    403: async () => {
      const name = seedClient.name();
      await seedClient.ok('PUT', '/api/v1/data', { name, type: 'value', value: 'v' });
      return (await seedClient.send('PUT', '/api/v1/data', { name, type: 'value', value: 'v' }, 'nobody')).status;
    },
    404: async () => (await seedClient.send('GET', '/api/v1/data?name=/nothing/here')).status,
    500: async () => {
      // What no request can bring about: a stored value that no key opens.
      const { id } = await seedClient.ok('PUT', '/api/v1/data', { name: seedClient.name(), type: 'value', value: 'v' });
      const sql = postgres(seedClient.server.database ?? '', { max: 1 });
      await sql`update credential_version set sealed = ${Buffer.from('broken')} where id = ${String(id)}`;
      await sql.end();
      return (await seedClient.send('GET', `/api/v1/data/${id}`)).status;
    },
  };
  for (const { code, meaning } of seed.errors) {
    test(`${code} ${meaning}`, async () => expect(await provoke[code]?.()).toBe(code));
  }
});

describe('Introduction', () => {
  const put = (name: string, more: Json = {}, as = 'admin') =>
    seedClient.send('PUT', '/api/v1/data', { name, type: 'value', value: 'v', ...more }, as);

  test('a name holds 255 characters with its slash, and no more', async () => {
    const name = (length: number): string => `/${'n'.repeat(length - 1)}`;
    expect((await put(name(255))).status).toBe(200);
    expect((await put(name(256))).status).toBe(400);
    expect((await put(name(256).slice(1))).status, 'the slash that is put before it counts').toBe(400);
  });

  test('a leading slash is put before a name that has none', async () => {
    const name = seedClient.name();
    expect((await put(name.slice(1))).json()).toMatchObject({ name });
    expect((await seedClient.send('GET', `/api/v1/data?name=${name.slice(1)}`)).status).toBe(200);
  });

  test('a new value has a new id, and the old id still gives the old value', async () => {
    const name = seedClient.name();
    const before = (await put(name)).json() as Json;
    const after = (await put(name, { value: 'w', mode: 'overwrite' })).json() as Json;
    expect(after.id).not.toBe(before.id);
    expect(await seedClient.ok('GET', `/api/v1/data/${before.id}`)).toMatchObject({ value: 'v' });
  });

  test('the older overwrite boolean works on set and generate', async () => {
    const name = seedClient.name();
    const first = (await put(name)).json() as Json;
    expect((await put(name, { overwrite: false })).json()).toEqual(first);
    expect((await put(name, { overwrite: true })).json()).not.toEqual(first);
    const body = { name: seedClient.name(), type: 'password' };
    const made = await seedClient.ok('POST', '/api/v1/data', body);
    expect(await seedClient.ok('POST', '/api/v1/data', { ...body, overwrite: false })).toEqual(made);
    expect(await seedClient.ok('POST', '/api/v1/data', { ...body, overwrite: true })).not.toEqual(made);
  });

  test('every request but /info and /health needs authentication', async () => {
    const status = async (path: string) =>
      (await seedClient.server.sendRaw('GET', path, undefined, { as: null })).status;
    expect(await status('/info')).toBe(200);
    expect(await status('/health')).toBe(200);
    for (const path of ['/version', '/api/v1/key-usage', '/api/v1/data?path=/']) expect(await status(path)).toBe(401);
  });

  test.for(['app_no_eku', 'app_no_ou', 'app_bad_ou'])('a certificate of %s proves no identity', async (as) => {
    expect((await seedClient.send('GET', '/api/v1/data?path=/', undefined, as)).status).toBe(401);
  });

  test.for(['app_untrusted', 'app_expired'])('a certificate of %s ends the connection', async (as) => {
    await expect(seedClient.send('GET', '/api/v1/data?path=/', undefined, as)).rejects.toThrow();
  });

  test('all types share one namespace, and a type cannot change', async () => {
    const name = seedClient.name();
    await put(name);
    await seedClient.expectRefused('PUT', '/api/v1/data', { name, type: 'password', value: 'p', mode: 'overwrite' });
  });
});
