/** A database of release 0.1.0, which kept both CAs of a rotating pair in one text, served by this release. */
import { X509Certificate } from 'node:crypto';
import { createEarlierDatabase, EARLIER_RELEASE_KEY } from '@credplex/storage/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from './harness/server.ts';

interface Version {
  readonly transitional: boolean;
  readonly value: { readonly ca: string | null; readonly certificate: string; readonly private_key: string | null };
}

/** Its rows are known to match no CA. */
const MATCHES_NOTHING = '/matches-nothing';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({
    level: 2,
    settings: {
      database: { url: await createEarlierDatabase() },
      encryption: { keys: [{ ...EARLIER_RELEASE_KEY, active: true }] },
    },
  });
}, 120_000);
afterAll(() => server?.stop());

async function versionsOf(name: string): Promise<Version[]> {
  const { data } = (await server.call('GET /api/v1/data', { query: { name } })).response.json() as { data: Version[] };
  return data;
}

function verifies({ value }: Version): boolean {
  const [leaf, ca] = [new X509Certificate(value.certificate), new X509Certificate(value.ca ?? '')];
  return leaf.checkIssued(ca) && leaf.verify(ca.publicKey);
}

test('the start repairs the rows and logs how many keep a ca that does not verify them', () => {
  const line = /certificates of an earlier release: (\d+) versions have their signing CA, (\d+) keep their ca/;
  const [, repaired, kept] = line.exec(server.output()) ?? [];
  expect(Number(repaired)).toBeGreaterThan(30);
  expect(Number(kept)).toBeGreaterThan(0);
});

test('the first PEM object of every ca verifies its certificate', async () => {
  const { certificates } = (await server.call('GET /api/v1/certificates')).response.json() as {
    certificates: { name: string }[];
  };
  const failing = new Set<string>();
  for (const { name } of certificates) {
    for (const version of await versionsOf(name)) {
      if (version.value.ca !== null && !verifies(version)) failing.add(name);
    }
  }
  expect(failing).toEqual(new Set([MATCHES_NOTHING]));
});

test('a leaf shows the CA that signed it first and the trusted one second, with its key as before', async () => {
  const [v2, v1] = await versionsOf('/turned');
  const [swapped] = await versionsOf('/swapped');
  expect(swapped?.value.ca).toBe(`${v1?.value.certificate.trim()}\n${v2?.value.certificate.trim()}\n`);
  expect(swapped?.value.private_key).toContain('PRIVATE KEY');
  expect((await server.call('GET /api/v1/data', { query: { name: '/password' } })).response.json()).toMatchObject({
    data: [{ value: 'unchanged' }],
  });
});

test('converge gives a leaf whose signing CA is no longer the active one a new certificate, once', async () => {
  const converge = async () =>
    (
      await server.call('POST /api/v1/data', {
        body: {
          name: '/lost',
          type: 'certificate',
          parameters: { common_name: 'lost', ca: '/ended' },
          mode: 'converge',
        },
      })
    ).response.json() as Version & { id: string };
  const [before] = await versionsOf('/lost');
  const made = await converge();
  expect(made.value.certificate).not.toBe(before?.value.certificate);
  expect(verifies(made)).toBe(true);
  expect((await converge()).id).toBe(made.id);
});

test('a credential of every type is shown as it was set, and whatever was generated is regenerated', async () => {
  const current = async (name: string) => {
    const { data } = (await server.call('GET /api/v1/data', { query: { name, current: true } })).response.json() as {
      data: { id: string; type: string; value: unknown }[];
    };
    return data[0] ?? expect.fail(name);
  };
  const set = {
    value: 'a value',
    json: { list: [1, 'two', null], n: 1.5 },
    password: 'a set password',
    user: { username: 'ada', password: 'lovelace', password_hash: expect.stringMatching(/^\$6\$/) },
    ssh: { ...((await current('/types/generated/ssh')).value as object) },
    rsa: { ...((await current('/types/generated/rsa')).value as object) },
  };
  for (const [type, value] of Object.entries(set)) {
    expect(await current(`/types/set/${type}`)).toMatchObject({ type, value });
  }
  for (const type of ['password', 'user', 'ssh', 'rsa', 'certificate']) {
    const name = `/types/generated/${type}`;
    const before = await current(name);
    expect((await server.call('POST /api/v1/regenerate', { body: { name } })).response.status).toBe(200);
    const after = await current(name);
    expect([after.type, after.id === before.id]).toEqual([type, false]);
    expect(after.value).not.toEqual(before.value);
  }
});

test('a second start finds nothing to repair', async () => {
  const before = server.output().length;
  await server.restart();
  expect(server.output().slice(before)).not.toContain('certificates of an earlier release');
}, 120_000);
