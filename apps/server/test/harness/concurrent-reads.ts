/**
 * Random concurrent requests by actors with random permissions. Each is sent alone first; then many are sent at once, and each
 * answer must be the one that it got alone. Nothing that is asked changes what is stored.
 */
import { randomUUID } from 'node:crypto';
import { type Answer, connectTo, type Send, type ServerClient } from './http.ts';
import { clientClaims } from './outside-uaa.ts';
import type { TestServer } from './server.ts';

const ACTORS = 12;
const NAMES = 24;
const DISTINCT = 300;
/** Each client has 16 connections. */
const CLIENTS = 4;
const CALLERS = CLIENTS * 16;
const OPERATIONS = ['read', 'write', 'delete', 'read_acl', 'write_acl'] as const;
const DATA = '/api/v1/data';

/** Returns numbers below a limit that look random and are the same in each run. */
function createDraw(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

interface Stored {
  readonly names: readonly string[];
  readonly ids: readonly string[];
}

async function expectStatus(status: number, answer: Promise<Answer>): Promise<Answer> {
  const got = await answer;
  if (got.status !== status) throw new Error(`${got.status}: ${got.text}`);
  return got;
}

/** Stores names of several types and sizes, some with many versions. Generated passwords satisfy converge. */
async function store(server: TestServer, draw: (limit: number) => number): Promise<Stored> {
  const names: string[] = [];
  const ids: string[] = [];
  const keep = (answer: Answer): void => void ids.push((answer.json() as { id: string }).id);
  for (let n = 0; n < NAMES; n += 1) {
    const name = `/reads/f${n % 3}/n${n}`;
    names.push(name);
    const filler = 'x'.repeat([10, 10, 10, 30_000, 300_000][draw(5)] ?? 10);
    for (let version = n === 5 ? 12 : 1 + draw(2); version > 0; version -= 1) {
      const body =
        n % 2 === 0
          ? { name, type: 'password', mode: 'overwrite', parameters: { length: 20 } }
          : { name, type: 'json', value: { n, version, filler } };
      keep(await expectStatus(200, server.sendRaw(n % 2 === 0 ? 'POST' : 'PUT', DATA, body)));
    }
  }
  for (let actor = 0; actor < ACTORS; actor += 1) {
    for (const path of new Set([`f${draw(3)}/*`, `f${draw(3)}/n${draw(NAMES)}`, draw(4) === 0 ? '*' : 'f9/*'])) {
      const operations = OPERATIONS.filter(() => draw(2) === 0);
      const entry = { path: `/reads/${path}`, actor: `uaa-client:reader${actor}`, operations };
      if (operations.length > 0) await expectStatus(201, server.sendRaw('POST', '/api/v2/permissions', entry));
    }
  }
  return { names, ids };
}

/** Draws a request that reads, or that looks and then changes nothing. */
function drawRequest({ names, ids }: Stored, draw: (limit: number) => number, tokens: readonly string[]): Send {
  const pick = <T>(items: readonly T[]): T => items[draw(items.length)] as T;
  const n = draw(NAMES);
  const name =
    pick([names[n], names[n], names[n]?.toUpperCase(), names[n]?.slice(1), '/reads/none', '/reads/%00']) ?? '';
  const plain = names[n] ?? '';
  const mode = pick(['converge', 'no-overwrite']);
  const references = Array.from({ length: 1 + draw(6) }, () => ({ credentials: { 'credhub-ref': pick(names) } }));
  const odd = pick(['&versions=-1', '&versions=x', '&current=true&versions=1', '&current=maybe']);
  const requests: readonly Omit<Send, 'as'>[] = [
    { method: 'GET', path: `${DATA}?name=${name}&current=true` },
    { method: 'GET', path: `${DATA}?name=${name}` },
    { method: 'GET', path: `${DATA}?name=${name}&versions=${pick([1, 2, 9, 100])}` },
    { method: 'GET', path: `${DATA}/${pick([...ids, randomUUID(), 'no-id'])}` },
    { method: 'GET', path: `${DATA}?name=${name}${odd}` },
    { method: 'POST', path: DATA, body: { name: plain, type: 'password', mode, parameters: { length: 20 } } },
    { method: 'POST', path: DATA, body: { name: plain, type: 'password', mode: 'sometimes' } },
    { method: 'POST', path: '/api/v1/interpolate', body: { service: references } },
    { method: 'POST', path: '/api/v1/interpolate', body: '{"service":[' },
  ];
  return { ...pick(requests), as: { token: pick(tokens) } };
}

const textOf = ({ status, text }: Answer): string => `${status} ${text}`;

export interface ConcurrentReads {
  /** Requests that got an answer, all of them the right one. */
  readonly answered: number;
  /** Requests whose caller went away. */
  readonly cancelled: number;
  /** Answers 503, and answers that ended early because the database went away. Their callers tried again. */
  readonly unavailable: number;
  /** Answers by their status. */
  readonly statuses: Readonly<Record<number, number>>;
}

export interface ConcurrentReadsOptions {
  /** Requests that must be answered, or cancelled by their callers. */
  readonly requests: number;
  /** Called with the number of those so far, before each request. May break something. */
  readonly onProgress?: (done: number) => void;
}

/** Callers give up after so many times as many refusals as requests. */
const MAX_REFUSALS = 100;

/** Sends the requests; see above. @throws Error with the first answer that is not the one that the request got alone */
export async function sendConcurrentReads(
  server: TestServer,
  options: ConcurrentReadsOptions,
): Promise<ConcurrentReads> {
  const { requests, onProgress } = options;
  const draw = createDraw(20_261_130);
  const stored = await store(server, draw);
  const tokens = Array.from({ length: ACTORS }, (_, n) => server.uaa.token(clientClaims(`reader${n}`)));
  const distinct = Array.from({ length: DISTINCT }, () => drawRequest(stored, draw, tokens));
  const alone: string[] = [];
  for (const request of distinct) alone.push(textOf(await server.client.sendRaw(request)));

  const clients: ServerClient[] = Array.from({ length: CLIENTS }, () => connectTo(server));
  const seen = { answered: 0, cancelled: 0, unavailable: 0, statuses: {} as Record<number, number> };
  const done = (): number => seen.answered + seen.cancelled;
  async function sendNext(client: ServerClient): Promise<void> {
    const number = draw(DISTINCT);
    const isCancelled = draw(20) === 0;
    onProgress?.(done());
    const request = distinct[number] as Send;
    // A large value is read while its answer is sent: that ends early when the database goes away.
    const answer = await client.sendRaw(isCancelled ? { ...request, timeoutMs: 1 } : request).catch(() => undefined);
    if (answer === undefined && isCancelled) {
      seen.cancelled += 1;
      return;
    }
    if (answer === undefined || answer.status === 503) {
      seen.unavailable += 1;
      if (seen.unavailable > requests * MAX_REFUSALS) throw new Error(`${seen.unavailable} requests were refused`);
      return new Promise((resolve) => setTimeout(resolve, 20));
    }
    if (textOf(answer) !== alone[number]) {
      const { method, path } = request;
      throw new Error(`${method} ${path}: ${textOf(answer).slice(0, 300)}; alone: ${alone[number]?.slice(0, 300)}`);
    }
    seen.answered += 1;
    seen.statuses[answer.status] = (seen.statuses[answer.status] ?? 0) + 1;
  }
  try {
    await Promise.all(
      Array.from({ length: CALLERS }, async (_, caller) => {
        while (done() < requests) await sendNext(clients[caller % CLIENTS] as ServerClient);
      }),
    );
  } finally {
    for (const client of clients) client.close();
  }
  return seen;
}
