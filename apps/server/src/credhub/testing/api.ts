/**
 * CredHub's API without a socket, on a real database, for tests. Requests pass routing, authentication order, core and storage, and
 * every response is checked against the contract. The Authorization header is the name of the caller.
 */
import { randomBytes } from 'node:crypto';
import { type CredhubRoutes, credhub, type RouteSpec } from '@credplex/contract';
import { type Client, createClient, type TransportResponse } from '@credplex/contract/client';
import { createDatabase } from '@credplex/storage/testing';
import { AuthRefused } from '../../auth/refusal.ts';
import { loadConfig } from '../../config.ts';
import { createLogger } from '../../logger.ts';
import { open } from '../../open.ts';
import { type CredhubDeps, credhubApp } from '../app.ts';

export interface TestAnswer extends TransportResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Parsed; `undefined` for an empty body. */
  readonly body: unknown;
}

/** Sends the requests of CredHub's table of routes. */
type TestClient = Client<CredhubRoutes, TestAnswer>;

export interface TestApi {
  /** Sends the requests of routes as `admin`, who has all permissions. */
  readonly call: TestClient;
  /** Sends the requests of routes as somebody else; `null`: without an identity. */
  as(actor: string | null): TestClient;
  /**
   * Sends what the table of routes does not describe, such as malformed input: as `admin` unless `as` names another;
   * `as: null` sends no identity.
   */
  sendRaw(method: string, target: string, body?: unknown, more?: TestRequest): Promise<TestAnswer>;
  /** Statuses so far, by route id. */
  readonly statuses: ReadonlyMap<string, ReadonlySet<number>>;
  readonly auditLines: string[];
  /** Logged errors. */
  readonly failures: string[];
  close(): Promise<void>;
}

interface TestRequest {
  readonly as?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** Body as raw text, instead of `body`. */
  readonly text?: string | undefined;
}

const ADMIN_ENTRY = { path: '/*', actors: ['uaa-client:admin'] };

function checkAnswer(spec: RouteSpec, status: number, json: string | null): void {
  const schema = spec.responses[status];
  if (schema === undefined) throw new Error(`${spec.id} answers ${status}, which it does not declare`);
  if (schema === null && json !== null) throw new Error(`${spec.id} answers a body with ${status}`);
  schema?.parse(json === null ? null : JSON.parse(json));
}

function matches(spec: RouteSpec, method: string, path: string): boolean {
  return spec.method === method && new RegExp(`^${spec.path.replaceAll(/\{\w+\}/g, '[^/]+')}/?$`).test(path);
}

export async function openTestApi(
  level: 1 | 2,
  settings = '',
  parts: Pick<CredhubDeps, 'bodies' | 'largeAnswers'> = {},
): Promise<TestApi> {
  const database = await createDatabase();
  const config = loadConfig({
    env: {
      CREDPLEX_LEVEL: String(level),
      CREDPLEX_DATABASE_URL: database,
      CREDPLEX_ENCRYPTION_KEY: randomBytes(32).toString('hex'),
    },
    file: { path: 'test', text: settings },
    readFile: () => '',
  });
  const failures: string[] = [];
  const logger = createLogger('error', { write: (line) => void failures.push(line) });
  const runtime = await open(config, { for: 'command', logger });
  await runtime.permissions.seed([
    { ...ADMIN_ENTRY, operations: ['read', 'write', 'delete', 'read_acl', 'write_acl'] },
  ]);
  const auditLines: string[] = [];
  const statuses = new Map<string, Set<number>>();
  const app = credhubApp({
    runtime,
    authServerUrl: 'https://uaa.example',
    audit: { write: (line) => void auditLines.push(line), end: async () => undefined },
    ...parts,
    checkAnswer,
    authenticate(authorization) {
      if (authorization === undefined) return undefined;
      if (authorization === 'bad') throw new AuthRefused({ kind: 'expired' });
      const hasRequiredScopes = authorization !== 'noscope';
      return { actor: `uaa-client:${authorization}`, mechanism: 'uaa', displayName: authorization, hasRequiredScopes };
    },
  });

  const sendRaw: TestApi['sendRaw'] = async (
    method,
    target,
    body,
    { as = 'admin', headers = {}, text: given } = {},
  ) => {
    const content = given ?? (body === undefined ? undefined : JSON.stringify(body));
    const request = new Request(`https://localhost${target}`, {
      method,
      headers: {
        ...(as === null ? {} : { authorization: as }),
        ...(content === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(content === undefined ? {} : { body: content }),
    });
    const response = await app.fetch(request, {
      request: {
        id: 'test',
        startedAt: 0,
        path: new URL(request.url).pathname,
        client: { address: '', viaProxy: false },
      },
    });
    const bytes = new Uint8Array(await response.arrayBuffer());
    const text = new TextDecoder().decode(bytes);
    const path = target.replace(/[?#].*$/, '');
    const spec = Object.values(credhub).find((one) => matches(one, method, path));
    if (spec !== undefined) statuses.set(spec.id, (statuses.get(spec.id) ?? new Set()).add(response.status));
    const json = /json/.test(response.headers.get('content-type') ?? '') && text !== '';
    return {
      status: response.status,
      headers: response.headers,
      header: (name) => response.headers.get(name) ?? undefined,
      bytes,
      text,
      body: json ? JSON.parse(text) : undefined,
    };
  };
  const clientOf = (actor: string | null): TestClient =>
    createClient<CredhubRoutes, TestAnswer>(({ method, target, headers, body }) =>
      sendRaw(method, target, undefined, { as: actor, headers, text: body }),
    );
  return {
    statuses,
    auditLines,
    failures,
    call: clientOf('admin'),
    as: clientOf,
    sendRaw,
    close: () => runtime.close(),
  };
}
