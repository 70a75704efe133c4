/** The copies that children get while a CA rotates, where docs/reference/ca-rotation.md leaves CredHub's ways or adds to them. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OTHER } from './harness/recorded-actors.ts';
import { startServer, type TestServer } from './harness/server.ts';

const DATA = '/api/v1/data';
const LIMIT_MS = 300_000;

interface Version {
  readonly id: string;
  readonly transitional: boolean;
  readonly metadata: unknown;
  readonly value: { readonly ca: string; readonly certificate: string };
}

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ level: 2 });
}, LIMIT_MS);
afterAll(() => server?.stop());

async function call<T = Version>(method: string, path: string, body?: unknown, as = 'admin'): Promise<T> {
  const answer = await server.sendRaw(method, path, body, { as });
  expect(answer.status, `${method} ${path} ${answer.text}`).toBe(200);
  return answer.json() as T;
}
function generate(name: string, parameters: object, mode = 'overwrite') {
  return call('POST', DATA, { name, type: 'certificate', parameters: { common_name: 'x', ...parameters }, mode });
}
function authority(name: string, ca?: string) {
  return generate(name, { is_ca: true, ...(ca && { ca }) });
}
function leafOf(name: string, ca: string, mode?: string) {
  return generate(name, { ca }, mode);
}
async function versionsOf(name: string, current = false) {
  return (await call<{ data: Version[] }>('GET', `${DATA}?name=${name}${current ? '&current=true' : ''}`)).data;
}
async function pathOf(name: string) {
  return `/api/v1/certificates/${(await call<{ certificates: { id: string }[] }>('GET', `/api/v1/certificates?name=${name}`)).certificates[0]?.id}`;
}
async function begin(name: string, more = {}) {
  return call('POST', `${await pathOf(name)}/regenerate`, { set_as_transitional: true, ...more });
}
async function mark(name: string, version: string | null) {
  return call<Version[]>('PUT', `${await pathOf(name)}/update_transitional_version`, { version });
}
function joined(...versions: readonly (Version | undefined)[]): string {
  return versions.map((version) => `${version?.value.certificate.trim()}\n`).join('');
}

test(
  'a transitional version of a child stays transitional when its CA rotates, and both are copied in their order',
  async () => {
    await authority('/own/root');
    const first = await authority('/own/int', '/own/root');
    const second = await begin('/own/int');
    const next = await begin('/own/root');
    const [newest, before] = await versionsOf('/own/int');
    expect([newest?.transitional, before?.transitional]).toEqual([true, false]);
    expect(newest?.value.certificate).toBe(second.value.certificate);
    expect(before?.value.certificate).toBe(first.value.certificate);
    const [root] = await versionsOf('/own/root', true);
    expect([newest?.value.ca, before?.value.ca]).toEqual([joined(root, next), joined(root, next)]);
    const marked = (await versionsOf('/own/int')).filter(({ transitional }) => transitional);
    expect(marked.map(({ id }) => id)).toEqual([newest?.id]);
    // An early signature still comes from the transitional version, which is still the newer one.
    const leaf = await leafOf('/own/leaf', '/own/int');
    const early = await call('POST', `${await pathOf('/own/leaf')}/regenerate`, {
      allow_transitional_parent_to_sign: true,
    });
    expect(leaf.value.ca).toBe(joined(first, second));
    expect(early.value.ca).toBe(joined(second, first));
    expect((await mark('/own/int', 'latest')).map(({ id }) => id)).toEqual([before?.id, newest?.id]);
  },
  LIMIT_MS,
);

test(
  'of a child whose transitional version is older than the active one the copies keep that order',
  async () => {
    await authority('/older/root');
    const first = await authority('/older/int', '/older/root');
    const second = await begin('/older/int');
    await mark('/older/int', first.id);
    await begin('/older/root');
    const [newest, before] = await versionsOf('/older/int');
    expect([newest?.value.certificate, newest?.transitional]).toEqual([second.value.certificate, false]);
    expect([before?.value.certificate, before?.transitional]).toEqual([first.value.certificate, true]);
  },
  LIMIT_MS,
);

test(
  'a child with only transitional versions gets a copy that is transitional',
  async () => {
    await authority('/only/ca');
    const leaf = await leafOf('/only/leaf', '/only/ca');
    await mark('/only/leaf', leaf.id);
    const next = await begin('/only/ca');
    const [ca] = await versionsOf('/only/ca', true);
    const [copy, original, ...none] = await versionsOf('/only/leaf');
    expect(none).toEqual([]);
    expect([copy?.transitional, original?.transitional]).toEqual([true, true]);
    expect(copy?.value).toMatchObject({ certificate: leaf.value.certificate, ca: joined(ca, next) });
  },
  LIMIT_MS,
);

test(
  'only names whose active version names the CA get copies, and its name is no pattern',
  async () => {
    await authority('/left/c_');
    await authority('/left/cx');
    await leafOf('/left/gone', '/left/c_');
    await leafOf('/left/gone', '/left/cx');
    await leafOf('/left/stays', '/left/c_');
    const count = async (name: string) => (await versionsOf(name)).length;
    await begin('/left/c_');
    expect([await count('/left/gone'), await count('/left/stays')]).toEqual([2, 2]);
    await begin('/left/cx');
    expect([await count('/left/gone'), await count('/left/stays')]).toEqual([3, 2]);
  },
  LIMIT_MS,
);

test(
  'a rotating root gives no copies to what hangs below its intermediate, also when it moves a mark there',
  async () => {
    await authority('/deep/root');
    await authority('/deep/int', '/deep/root');
    await leafOf('/deep/leaf', '/deep/int');
    await begin('/deep/int');
    const before = (await versionsOf('/deep/leaf')).map(({ id }) => id);
    await begin('/deep/root');
    await mark('/deep/root', null);
    expect((await versionsOf('/deep/leaf')).map(({ id }) => id)).toEqual(before);
  },
  LIMIT_MS,
);

test(
  'with the deletion of the transitional version nobody below the CA trusts it, by the right to delete the CA alone',
  async () => {
    const ca = await authority('/doomed/ca');
    await leafOf('/doomed/leaf', '/doomed/ca');
    const next = await begin('/doomed/ca');
    const path = `${await pathOf('/doomed/ca')}/versions/${next.id}`;
    expect((await server.sendRaw('DELETE', path, undefined, { as: 'nobody' })).status).toBe(404);
    expect((await versionsOf('/doomed/leaf', true))[0]?.value.ca).toBe(joined(ca, next));
    const permission = { path: '/doomed/ca', actor: OTHER, operations: ['delete'] };
    expect((await server.sendRaw('POST', '/api/v2/permissions', permission)).status).toBe(201);
    await call('DELETE', path, undefined, 'other');
    expect((await versionsOf('/doomed/leaf', true))[0]?.value.ca).toBe(ca.value.certificate);
  },
  LIMIT_MS,
);

test(
  'a copy has no metadata, and an ordinary new version of the CA makes none',
  async () => {
    await authority('/plain/ca');
    await call('POST', DATA, {
      name: '/plain/leaf',
      type: 'certificate',
      parameters: { common_name: 'x', ca: '/plain/ca' },
      metadata: { kept: 'by the original' },
    });
    await call('POST', '/api/v1/regenerate', { name: '/plain/ca' });
    expect(await versionsOf('/plain/leaf')).toHaveLength(1);
    await mark('/plain/ca', null);
    expect((await versionsOf('/plain/leaf')).map(({ metadata }) => metadata)).toEqual([
      null,
      { kept: 'by the original' },
    ]);
  },
  LIMIT_MS,
);

test(
  'with concatenate_cas off there are no copies, and switched on it shows what was stored meanwhile',
  async () => {
    await authority('/switch/ca');
    await leafOf('/switch/before', '/switch/ca');
    await server.restart({ certificates: { concatenate_cas: false } });
    const next = await begin('/switch/ca');
    const [ca] = await versionsOf('/switch/ca', true);
    const leaf = await leafOf('/switch/leaf', '/switch/ca');
    expect(leaf.value.ca).toBe(ca?.value.certificate);
    expect(await versionsOf('/switch/before')).toHaveLength(1);
    await server.restart();
    expect((await versionsOf('/switch/leaf')).map(({ value }) => value.ca)).toEqual([joined(ca, next)]);
    expect((await leafOf('/switch/leaf', '/switch/ca', 'converge')).id).toBe(leaf.id);
  },
  LIMIT_MS,
);
