/**
 * Plexsphere's API on a real PostgreSQL and, where asked, a real OpenBao: every answer is held against its schema, and
 * everything that leaves (answers, log lines, audit rows, events) is kept for a look.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import type { PlexsphereRoutes } from '@credplex/contract';
import { type Client, createClient, type TransportResponse } from '@credplex/contract/client';
import {
  type BrokerDeps,
  grantRelation,
  mintToken,
  PLATFORM,
  parseObject,
  parseSubject,
  type RelationTuple,
  sweepExpired,
  sweepIntents,
  sweepVaultRevocations,
} from '@credplex/core';
import { openTestStorage, type TestOpenBao } from '@credplex/storage/testing';
import { createApp, type Fetch } from '../../app.ts';
import { createLogger } from '../../logger.ts';
import { plexsphereApi } from '../app.ts';
import { openBroker } from '../broker.ts';

export interface Answer extends TransportResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly json: any;
}

/** Sends the requests of Plexsphere's table of routes. */
type TestClient = Client<PlexsphereRoutes, Answer>;

interface RawRequest {
  /** A token of {@link TestApi.user}; `null`: none. */
  readonly token?: string | null;
  /** An object is sent as JSON, a text as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TestUser {
  readonly id: string;
  readonly actor: string;
  readonly token: string;
}

export interface TestApi {
  readonly fetch: Fetch;
  readonly broker: BrokerDeps;
  /** One round of what the server does every minute. */
  sweep(): Promise<void>;
  readonly storage: Awaited<ReturnType<typeof openTestStorage>>;
  /** Sends the requests of routes with a token of {@link TestApi.user}; `null`: without one. */
  as(token: string | null): TestClient;
  /** Sends what the table of routes does not describe, such as malformed input. */
  sendRaw(method: string, path: string, request?: RawRequest): Promise<Answer>;
  /** A new user with a token, and relations written `relation resource`. */
  user(...relations: readonly string[]): Promise<TestUser>;
  /** A user who has made a cloud. */
  cloudOwner(): Promise<TestUser & { readonly cloudId: string }>;
  issue(owner: TestUser & { readonly cloudId: string }, over?: Readonly<Record<string, unknown>>): Promise<Answer>;
  /** Moves the clock. */
  later(milliseconds: number): void;
  /** Everything that has left so far: answers with headers, log lines, audit rows, outbox. */
  everything(): Promise<string>;
  close(): Promise<void>;
}

export function newCloud(over: Readonly<Record<string, unknown>> = {}) {
  return {
    display_name: 'Acme production',
    slug: `acme-${randomBytes(6).toString('hex')}`,
    provider: 'aws',
    endpoint: { region: 'eu-central-1', role_arn: 'arn:aws:iam::123456789012:role/acme-provisioner' },
    region_defaults: { vpc_cidr: '10.0.0.0/16' },
    external_id: randomUUID(),
    ...over,
  };
}

export function newCredential(over: Readonly<Record<string, unknown>> = {}) {
  return {
    display_name: 'Acme AWS provisioner secret',
    payload: Buffer.from('{"secret":"value"}').toString('base64'),
    ...over,
  };
}

/** Returns the tuple of a user and words like `admin platform` or `operator cloud:<id>`. */
function tupleOf(user: string, words: string): RelationTuple {
  const [relation = '', resource = ''] = words.split(' ');
  const object = resource === 'platform' ? PLATFORM : parseObject(resource);
  const subject = parseSubject(user);
  if (object === undefined || subject === undefined) throw new TypeError(words);
  return { resource: object, relation, subject };
}

function answerOf({ status, headers }: Response, bytes: Uint8Array): Answer {
  const text = new TextDecoder().decode(bytes);
  return {
    status,
    headers,
    header: (name) => headers.get(name) ?? undefined,
    bytes,
    text,
    json: text === '' ? undefined : JSON.parse(text),
  };
}

export async function openTestApi(options: { readonly vault?: TestOpenBao | undefined } = {}): Promise<TestApi> {
  const storage = await openTestStorage(options.vault === undefined ? {} : { vault: options.vault });
  const left: string[] = [];
  let offset = 0;
  const clock = { now: () => new Date(Date.now() + offset) };
  const entropy = { bytes: (n: number) => randomBytes(n), below: () => 0, uuid: () => randomUUID() };
  const logger = createLogger('trace', { write: (line: string) => left.push(line) });
  const broker = await openBroker({ storage, clock, entropy, credentialTtlSeconds: 90 * 86_400 });
  const version = { version: '0.0.0', commit: 'test', date: '2026-11-22T00:00:00.000Z' };
  const checks = [
    { name: 'database', essential: true, run: () => storage.ping() },
    { name: 'vault', essential: false, run: () => storage.vault.check() },
  ];
  const api = plexsphereApi({
    broker,
    logger,
    meta: { checks, version, document: () => ({ openapi: '3.1.1' }) },
    checkAnswers: true,
  });
  const fetch = createApp({ apis: [api], fallback: { fetch: () => new Response(null, { status: 421 }) } });
  const operator = { actor: 'operator', requestId: 'test' };

  const self: TestApi = {
    fetch,
    broker,
    storage,
    as: (token) =>
      createClient<PlexsphereRoutes, Answer>(({ method, target, headers, body }) =>
        self.sendRaw(method, target, { token, headers, body }),
      ),
    async sendRaw(method, path, { token, body, headers = {} } = {}) {
      const response = await fetch(
        new Request(`https://localhost${path}`, {
          method,
          headers: {
            ...(token ? { authorization: `Bearer ${token}` } : {}),
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...headers,
          },
          ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        }),
        {},
      );
      const answer = answerOf(response, new Uint8Array(await response.arrayBuffer()));
      left.push(JSON.stringify([...response.headers]), answer.text);
      return answer;
    },
    async user(...relations) {
      const id = randomUUID();
      const row = { id, name: id, verifier: 'sha256:x', scopes: [], createdAt: clock.now() };
      const audit = { at: clock.now(), requestId: 'test', actor: 'operator', action: 'user.add', resource: null };
      await storage.accounts.createUser(row, audit);
      for (const words of relations) await grantRelation(broker, operator, tupleOf(`user:${id}`, words));
      const { plaintext } = await mintToken(broker, operator, { owner: `user:${id}`, environment: 'dev' });
      return { id, actor: `user:${id}`, token: plaintext.reveal() };
    },
    async cloudOwner() {
      const owner = await self.user('admin platform');
      const made = await self.as(owner.token)('POST /v1/clouds', { body: newCloud() });
      if (made.status !== 201) throw new Error(made.text);
      return { ...owner, cloudId: made.body.id };
    },
    issue: (owner, over) =>
      self.sendRaw('POST', `/v1/clouds/${owner.cloudId}/cloud-credentials`, {
        token: owner.token,
        body: newCredential(over),
      }),
    async sweep() {
      await sweepExpired(broker, { requestId: randomUUID() });
      await sweepVaultRevocations(broker);
      // Intents are stamped by the database's own clock.
      const at = clock.now();
      await sweepIntents(broker, { openedBefore: new Date(at.getTime() - 600_000), at });
    },
    later(milliseconds) {
      offset += milliseconds;
    },
    async everything() {
      // Writes what is still queued.
      await storage.readAudit.close();
      const rows = await Promise.all([
        storage.sql.slowQuery('select * from audit_event'),
        storage.sql.slowQuery('select * from outbox'),
        storage.sql.slowQuery('select * from cloud_credential'),
        storage.sql.slowQuery('select * from intent'),
      ]);
      return [...left, ...rows.map((table) => JSON.stringify(table))].join('\n');
    },
    async close() {
      await storage.close();
    },
  };
  return self;
}
