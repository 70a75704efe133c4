import { randomBytes, randomUUID } from 'node:crypto';
import { createCertificateAuthority, type Identity, issueServerCertificate } from '@credplex/pki';
import type { Storage } from '@credplex/storage';
import { openTestStorage } from '@credplex/storage/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readClientTrust } from './client-trust.ts';
import type { TlsListening } from './listen.ts';
import { listenForVisits, portOf, TLS_VERSIONS, visit } from './testing/tls-visits.ts';
import { createTicketKeys, type TicketKeys } from './ticket-keys.ts';

const HOUR_MS = 3_600_000;
const entropy = { bytes: (n: number) => randomBytes(n), uuid: () => randomUUID(), below: () => 0 };

let storage: Storage;
let authority: Identity;
let identity: Identity;
let clientCa: string;
let now: number;
const servers: TlsListening[] = [];

beforeAll(async () => {
  storage = await openTestStorage();
  const at = new Date();
  authority = await createCertificateAuthority({ commonName: 'server ca', days: 2, now: at });
  identity = await issueServerCertificate({ ca: authority, names: ['localhost'], days: 2, now: at });
  clientCa = (await createCertificateAuthority({ commonName: 'client ca', days: 2, now: at })).certificate;
});
afterAll(() => storage.close());
beforeEach(() => {
  // The first second of an hour.
  now = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
  for (const { name } of await storage.shared.list('tls/')) await storage.shared.remove(name);
});

interface Replica {
  readonly port: number;
  readonly keys: TicketKeys;
}

function ticketKeys(clientCas: readonly string[], shared = storage.shared): TicketKeys {
  const { digest } = readClientTrust(clientCas);
  const clock = { now: () => new Date(now) };
  return createTicketKeys({ shared, vault: storage.keyRing, clock, entropy, trustDigest: digest });
}

/** Starts a server on the database, as `credplex serve` does. */
async function startReplica(clientCas: readonly string[] = []): Promise<Replica> {
  const keys = ticketKeys(clientCas);
  await keys.refresh();
  const server = await listenForVisits({ ...identity, clientCas, ticketKey: keys.current() });
  servers.push(server);
  keys.onChange((key) => server.setTicketKey(key));
  return { port: portOf(server), keys };
}

describe.each(TLS_VERSIONS)('%s', (version) => {
  test.each([0, 1])('a session is resumed at another server of the database, with %i client CAs', async (count) => {
    const clientCas = [clientCa].slice(0, count);
    const [one, two] = await Promise.all([startReplica(clientCas), startReplica(clientCas)]);
    const first = await visit(one.port, { version });
    expect(first).toMatchObject({ isResumed: false, actor: 'nobody' });
    expect(await visit(two.port, { version, session: first.session })).toMatchObject({
      isResumed: true,
      actor: 'nobody',
    });
  });

  test('no session is resumed after an hour, and a new one is, at every server', async () => {
    const [one, two] = await Promise.all([startReplica(), startReplica()]);
    const { session } = await visit(one.port, { version });
    now += HOUR_MS - 1000;
    await Promise.all([one.keys.refresh(), two.keys.refresh()]);
    expect((await visit(two.port, { version, session })).isResumed).toBe(true);
    now += 1000;
    await Promise.all([one.keys.refresh(), two.keys.refresh()]);
    for (const { port } of [one, two]) expect((await visit(port, { version, session })).isResumed).toBe(false);
    const fresh = await visit(one.port, { version });
    expect((await visit(two.port, { version, session: fresh.session })).isResumed).toBe(true);
  });

  test('no session is resumed under another tls.client_ca, also with one certificate more', async () => {
    const other = (await createCertificateAuthority({ commonName: 'other', days: 2, now: new Date() })).certificate;
    const before = await startReplica([clientCa]);
    const { session } = await visit(before.port, { version });
    for (const clientCas of [[other], [clientCa, other], []]) {
      const after = await startReplica(clientCas);
      expect((await visit(after.port, { version, session })).isResumed).toBe(false);
    }
    const same = await startReplica([`a comment\n${clientCa}${clientCa}`]);
    expect((await visit(same.port, { version, session })).isResumed).toBe(true);
  });

  test('a renewed server certificate keeps the key', async () => {
    const { port } = await startReplica();
    const { session } = await visit(port, { version });
    servers[0]?.renew(await issueServerCertificate({ ca: authority, names: ['localhost'], days: 1, now: new Date() }));
    expect((await visit(port, { version, session })).isResumed).toBe(true);
  });
});

describe('keys', () => {
  test('servers that start at once agree on one, which is sealed', async () => {
    const keys = Array.from({ length: 5 }, () => ticketKeys([]));
    await Promise.all(keys.map((one) => one.refresh()));
    expect(new Set(keys.map((one) => one.current().toString('hex'))).size).toBe(1);
    const [entry, ...others] = await storage.shared.list('tls/tickets/');
    expect(others).toEqual([]);
    const sealed = Buffer.from(entry?.sealed.bytes ?? []);
    expect(sealed.includes(keys[0]?.current() ?? '')).toBe(false);
    expect(sealed.includes(keys[0]?.current().toString('base64') ?? '')).toBe(false);
  });

  test('of an earlier hour are deleted from the database, for all settings of tls.client_ca', async () => {
    await ticketKeys([clientCa]).refresh();
    const keys = ticketKeys([]);
    await keys.refresh();
    now += HOUR_MS;
    await keys.refresh();
    expect(await storage.shared.list('tls/tickets/')).toHaveLength(1);
  });

  test('stay in use while the database is away, until their hour ends', async () => {
    let isAway = false;
    const reads: (keyof Storage['shared'])[] = ['get', 'putIfAbsent', 'list'];
    const shared = { ...storage.shared };
    for (const read of reads) {
      const usual = storage.shared[read] as (...given: unknown[]) => Promise<never>;
      Object.assign(shared, {
        [read]: (...given: unknown[]) => (isAway ? Promise.reject(new Error('away')) : usual(...given)),
      });
    }
    const keys = ticketKeys([], shared);
    await keys.refresh();
    const before = keys.current();
    isAway = true;
    now += HOUR_MS - 1;
    await keys.refresh();
    expect(keys.current()).toEqual(before);
    now += 1;
    await expect(keys.refresh()).rejects.toThrow('away');
    const alone = keys.current();
    expect(alone).not.toEqual(before);
    isAway = false;
    await keys.refresh();
    expect(keys.current()).not.toEqual(alone);
    const other = ticketKeys([]);
    await other.refresh();
    expect(other.current()).toEqual(keys.current());
  });

  test('that were copied to another hour in the database do not open', async () => {
    const keys = ticketKeys([]);
    await keys.refresh();
    const [entry] = await storage.shared.list('tls/tickets/');
    now += HOUR_MS;
    const { digest } = readClientTrust([]);
    if (entry !== undefined) await storage.shared.replace(`tls/tickets/${digest}/${now / HOUR_MS}`, entry);
    const before = keys.current();
    await expect(keys.refresh()).rejects.toMatchObject({ code: 'internal' });
    expect(keys.current()).not.toEqual(before);
  });
});
