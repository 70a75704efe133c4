/** For tests: an issuer on a new PostgreSQL database, with a clock that is moved by hand. */
import { randomBytes } from 'node:crypto';
import { type AuditEvent, type ClientRow, type Clock, secret, systemEntropy, type UserRow } from '@credplex/core';
import { openStorage } from '@credplex/storage';
import { createDatabase } from '@credplex/storage/testing';
import type { Hono } from 'hono';
import type { IssuerDeps } from './issuer-deps.ts';
import { createRevocations } from './revocations.ts';
import { issuerApi } from './routes.ts';
import { createSigningKeys } from './signing-keys.ts';
import { createVerifiers, generatedVerifier, PUBLIC_CLIENT, type Verifiers } from './verifiers.ts';

export const PUBLIC_URL = 'https://credplex.test:8844';
export const SCOPES = ['credhub.read', 'credhub.write'];
export const AUDIT: AuditEvent = { at: new Date(), requestId: 'r', actor: 'operator', action: 'test', resource: null };

interface MovableClock extends Clock {
  forward(seconds: number): void;
}

function createMovableClock(start = new Date('2026-11-22T08:00:00.250Z')): MovableClock {
  let at = start.getTime();
  const forward = (seconds: number): void => {
    at += seconds * 1000;
  };
  return { now: () => new Date(at), forward };
}

export async function openIssuer() {
  const clock = createMovableClock();
  const url = await createDatabase();
  const encryption = { keys: [{ name: 'test', active: true, passphrase: secret(randomBytes(32).toString('base64')) }] };
  const storage = await openStorage({
    databaseUrl: secret(url),
    dataDir: '/nowhere',
    encryption,
    vault: { kind: 'sql' },
  });
  const { accounts } = storage;
  const warnings: string[] = [];
  const log: IssuerDeps['log'] = {
    debug: () => undefined,
    info: (fields, text) => warnings.push(`${text} ${JSON.stringify(fields)}`),
    warn: (fields, text) => warnings.push(`${text} ${JSON.stringify(fields)}`),
    error: (fields) => warnings.push(`${fields.err} ${JSON.stringify(fields)}`),
  };
  /** Simulates another server process on the same database. */
  const replica = (verifiers?: Verifiers) => {
    const keys = createSigningKeys({
      shared: storage.shared,
      vault: storage.keyRing,
      clock,
      entropy: systemEntropy,
      log,
    });
    const revocations = createRevocations({ accounts, clock });
    const app = issuerApi({
      accounts,
      keys,
      revocations,
      clock,
      entropy: systemEntropy,
      publicUrl: PUBLIC_URL,
      release: '0.0.0',
      addressOf: (context) => context.req.header('x-test-address') ?? '192.0.2.1',
      requestIdOf: () => 'request-1',
      ...(verifiers === undefined ? {} : { verifiers }),
      log,
    });
    return { keys, revocations, app };
  };
  const addUser = async (name: string, password: string, scopes = SCOPES): Promise<UserRow> => {
    const user: UserRow = {
      id: systemEntropy.uuid(),
      name,
      verifier: generatedVerifier(secret(password)),
      scopes,
      createdAt: clock.now(),
    };
    await accounts.createUser(user, AUDIT);
    return user;
  };
  const addUserWithChosenPassword = async (name: string, password: string): Promise<void> => {
    const verifier = await createVerifiers().createChosen(secret(password));
    await accounts.createUser(
      { id: systemEntropy.uuid(), name, verifier, scopes: SCOPES, createdAt: clock.now() },
      AUDIT,
    );
  };
  const addClient = async (id: string, password: string | undefined, more: Partial<ClientRow> = {}): Promise<void> => {
    const verifier = password === undefined ? PUBLIC_CLIENT : generatedVerifier(secret(password));
    const grantTypes: ClientRow['grantTypes'] = ['client_credentials'];
    await accounts.createClient({ id, verifier, grantTypes, scopes: SCOPES, createdAt: clock.now(), ...more }, AUDIT);
  };
  await addClient('credhub_cli', undefined, { grantTypes: ['password', 'refresh_token'] });
  await addClient('director', 'director secret');
  return {
    clock,
    storage,
    accounts,
    warnings,
    addUser,
    addUserWithChosenPassword,
    addClient,
    replica,
    close: () => storage.close(),
  };
}

export type TestIssuer = Awaited<ReturnType<typeof openIssuer>>;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export async function call(
  app: Hono,
  method: string,
  path: string,
  init: { form?: Record<string, string>; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  const body = init.form === undefined ? init.body : new URLSearchParams(init.form).toString();
  const type: Record<string, string> =
    init.form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
  const response = await app.request(`${PUBLIC_URL}${path}`, {
    method,
    headers: { ...type, ...init.headers },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) };
}

export function token(app: Hono, form: Record<string, string>, headers: Record<string, string> = {}): Promise<Answer> {
  return call(app, 'POST', '/uaa/oauth/token', { form, headers });
}

/** Returns the form that the CLI sends. */
export function passwordForm(username: string, password: string): Record<string, string> {
  return {
    client_id: 'credhub_cli',
    client_secret: '',
    grant_type: 'password',
    response_type: 'token',
    username,
    password,
  };
}

export function refreshForm(refresh: unknown): Record<string, string> {
  return {
    client_id: 'credhub_cli',
    client_secret: '',
    grant_type: 'refresh_token',
    response_type: 'token',
    refresh_token: String(refresh),
  };
}

export const directorForm = {
  client_id: 'director',
  client_secret: 'director secret',
  grant_type: 'client_credentials',
  response_type: 'token',
};

export function claimsOf(answer: Answer): Record<string, unknown> {
  return JSON.parse(Buffer.from(String(answer.body.access_token).split('.')[1] ?? '', 'base64url').toString());
}

export function basic(id: string, password: string): Record<string, string> {
  return {
    authorization: `Basic ${Buffer.from(`${id}:${password}`).toString('base64')}`,
  };
}

export function bearer(answer: Answer): Record<string, string> {
  return {
    authorization: `bearer ${String(answer.body.access_token)}`,
  };
}
