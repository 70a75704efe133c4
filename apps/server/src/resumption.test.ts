import { randomBytes } from 'node:crypto';
import { connect as connectTcp } from 'node:net';
import { createCertificateAuthority, type Identity, issueServerCertificate } from '@credplex/pki';
import { issueClientCertificate, issueIntermediate, makeActors } from '@credplex/pki/testing';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { TlsListening } from './listen.ts';
import { listenForVisits, portOf, TLS_VERSIONS, visit } from './testing/tls-visits.ts';

const GUID = '6f6c9d5e-4f0a-4b51-8d3c-0a1b2c3d4e5f';
const ACTOR = `mtls-app:${GUID}`;
const DAY_MS = 86_400_000;

let server: Identity;
let clientCa: Identity;
let otherCa: Identity;
let client: Identity;
let expired: Identity;
/** Below an intermediate that the client sends. */
let chained: Identity;
let ticketKey: Buffer;
const servers: TlsListening[] = [];

beforeAll(async () => {
  const now = new Date();
  const monthAgo = new Date(now.getTime() - 35 * DAY_MS);
  const ca = await createCertificateAuthority({ commonName: 'server ca', days: 2, now });
  server = await issueServerCertificate({ ca, names: ['localhost'], days: 2, now });
  clientCa = await createCertificateAuthority({ commonName: 'client ca', days: 90, now: monthAgo });
  otherCa = await createCertificateAuthority({ commonName: 'other ca', days: 90, now: monthAgo });
  const { actors } = await makeActors({ ca: clientCa, now, guid: GUID });
  client = actors.app;
  expired = actors.app_expired;
  const intermediate = await issueIntermediate({ ca: clientCa, commonName: 'intermediate', days: 20, now });
  const subject = [[['OU', `app:${GUID}`]]] as const;
  const leaf = await issueClientCertificate({ ca: intermediate, subject, ekus: ['client_auth'], days: 20, now });
  chained = { ...leaf, certificate: `${leaf.certificate}${intermediate.certificate}` };
  ticketKey = randomBytes(48);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(servers.splice(0).map((one) => one.close()));
});

/** Returns the port of a server that shares its ticket key with the others. */
async function start(...clientCas: readonly Identity[]): Promise<number> {
  const pems = clientCas.map(({ certificate }) => certificate);
  const listening = await listenForVisits({ ...server, clientCas: pems, ticketKey });
  servers.push(listening);
  return portOf(listening);
}

describe.each(TLS_VERSIONS)('%s', (version) => {
  test('a session whose certificate can be judged is resumed, with its identity', async () => {
    const port = await start(clientCa);
    const { session } = await visit(port, { version, identity: client });
    expect(await visit(port, { version, session, identity: client })).toMatchObject({ isResumed: true, actor: ACTOR });
    expect(await visit(await start(clientCa), { version, session })).toMatchObject({ isResumed: true, actor: ACTOR });
  });

  test('a session of a certificate below an intermediate that is no trust anchor is not resumed', async () => {
    const port = await start(clientCa);
    const first = await visit(port, { version, identity: chained });
    expect(first.actor).toBe(ACTOR);
    const { session } = first;
    const next = await visit(port, { version, session, identity: chained });
    expect(next).toMatchObject({ isResumed: false, actor: ACTOR });
    expect(await visit(port, { version, session })).toMatchObject({ isResumed: false, actor: 'nobody' });
  });

  test('a certificate that is no longer trusted is refused, and gives no identity', async () => {
    const { session } = await visit(await start(clientCa), { version, identity: client });
    const port = await start(otherCa);
    expect(await visit(port, { version, session, identity: client })).toMatchObject({ actor: '' });
    expect(await visit(port, { version, session })).toMatchObject({ isResumed: false, actor: 'nobody' });
    expect(await visit(await start(), { version, session })).toMatchObject({ actor: '' });
  });

  test.each([
    ['its certificate', 35],
    ['a trust anchor', 60],
  ])('a session is not resumed after the end of %s', async (_, days) => {
    const longer = await issueClientCertificate({
      ca: clientCa,
      subject: [[['OU', `app:${GUID}`]]],
      ekus: ['client_auth'],
      days: days === 35 ? 30 : 90,
      now: new Date(),
    });
    const port = await start(clientCa);
    const { session } = await visit(port, { version, identity: longer });
    expect((await visit(port, { version, session, identity: longer })).isResumed).toBe(true);
    const end = Date.now() + days * DAY_MS;
    vi.spyOn(Date, 'now').mockReturnValue(end);
    expect((await visit(port, { version, session, identity: longer })).isResumed).toBe(false);
  });

  test('a session of an expired or untrusted certificate, which some clients get, gives no identity', async () => {
    const port = await start(clientCa);
    const { actors } = await makeActors({ ca: clientCa, now: new Date() });
    for (const identity of [expired, actors.app_untrusted, actors.app_server_eku]) {
      const { session } = await visit(port, { version, identity });
      if (session.length === 0) continue;
      expect((await visit(port, { version, session, identity })).actor).toBe('');
      expect((await visit(port, { version, session })).actor).toMatch(/^(nobody)?$/);
    }
  });
});

test('a ClientHello that comes byte by byte is answered, and one that is cut off is closed', async () => {
  const port = await start(clientCa);
  const closed = (parts: readonly Buffer[], ends: boolean): Promise<string> =>
    new Promise((resolve) => {
      let answer = '';
      const socket = connectTcp({ host: '127.0.0.1', port, noDelay: true }, () => {
        for (const part of parts) socket.write(part);
        if (ends) socket.end();
      });
      socket.on('data', (bytes: Buffer) => {
        answer += bytes.toString('latin1');
        socket.destroy();
      });
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(answer));
    });
  const alertRecord = String.fromCharCode(21);
  // This ClientHello is empty.
  const empty = [22, 3, 1, 0, 4, 1, 0, 0, 0].map((byte) => Buffer.from([byte]));
  expect(await closed(empty, false)).toSatisfy((answer: string) => answer.startsWith(alertRecord));
  expect(await closed(empty.slice(0, 6), true)).toBe('');
});
