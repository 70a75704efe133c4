/** The issuer's HTTP face below `/uaa`: as much of UAA as CredHub's clients speak. */
import type { AccountRecords, Clock, Entropy } from '@credplex/core';
import { type Context, Hono } from 'hono';
import { ownTurn } from '../../turns.ts';
import { type AccessTokens, type Claims, createAccessTokens } from './access-tokens.ts';
import { authenticateClient, isPlausibleName, readClient } from './client-authentication.ts';
import { infoDocument, keyDocument, keysDocument, openidConfiguration } from './discovery.ts';
import {
  badCredentials,
  IssuerError,
  insufficientScope,
  invalidRequest,
  invalidToken,
  json,
  renderIssuerError,
} from './errors.ts';
import { GRANTS, type GrantDeps } from './grants.ts';
import { TooManyLogins } from './lane.ts';
import type { Revocations } from './revocations.ts';
import type { SigningKeys } from './signing-keys.ts';
import { createCheckLogin } from './throttle.ts';
import { createVerifiers, type Verifiers } from './verifiers.ts';

export interface IssuerDeps {
  readonly accounts: AccountRecords;
  readonly keys: SigningKeys;
  readonly revocations: Revocations;
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** Without a slash at its end; the issuer lives at `<publicUrl>/uaa`. */
  readonly publicUrl: string;
  readonly release: string;
  /** The address that wrong logins are counted for. */
  readonly addressOf: (context: Context) => string;
  /** Of the request, for the log. */
  readonly requestIdOf: (context: Context) => string;
  readonly log: {
    debug(fields: Readonly<Record<string, unknown>>, text: string): void;
    info(fields: Readonly<Record<string, unknown>>, text: string): void;
    warn(fields: Readonly<Record<string, unknown>>, text: string): void;
    error(fields: Readonly<Record<string, unknown>>, text: string): void;
  };
  readonly verifiers?: Verifiers;
}

/** A form holds a user name, a password and a token: 64 KiB is generous. */
const FORM_BYTES = 64 * 1024;
/** A longer form may hold thousands of fields, which take milliseconds. */
const QUICK_BYTES = 4 * 1024;

export function issuerApi(deps: IssuerDeps): Hono {
  const url = `${deps.publicUrl}/uaa`;
  const tokens = createAccessTokens({ keys: deps.keys, clock: deps.clock, entropy: deps.entropy, url });
  const grantDeps: GrantDeps = {
    ...deps,
    tokens,
    checkLogin: createCheckLogin({ ...deps, verifiers: deps.verifiers ?? createVerifiers() }),
    onReuse: ({ requestId, clientId, address }) =>
      deps.log.warn(
        { request_id: requestId, client_id: clientId, address },
        'a refresh token was used twice: its login and its access tokens were revoked',
      ),
  };
  const client = (context: Context, form: URLSearchParams) =>
    authenticateClient(
      { clientById: deps.accounts.clientById, checkLogin: grantDeps.checkLogin },
      readClient(context.req.raw.headers, form),
      deps.addressOf(context),
    );

  const app = new Hono({ strict: false }).basePath('/uaa');
  app.use('*', async (context, next) => {
    const startedAt = performance.now();
    refuseRepeated(queryOf(context));
    await next();
    const { status } = context.res;
    const about = { request_id: deps.requestIdOf(context), method: context.req.method, path: context.req.path, status };
    deps.log.debug({ ...about, ms: Math.round(performance.now() - startedAt) }, 'request');
    // Nothing of what was typed: a password in the field of the name is a mistake that people make.
    if (status === 401) deps.log.info({ request_id: about.request_id, address: deps.addressOf(context) }, 'refused');
  });
  app.get('/info', (context) => json(context, 200, infoDocument(url, deps.release)));
  // cf-uaa-lib asks here for the prompts.
  app.get('/login', (context) => json(context, 200, infoDocument(url, deps.release)));
  app.get('/token_keys', async (context) => json(context, 200, await keysDocument(deps.keys)));
  app.get('/token_key', async (context) => json(context, 200, await keyDocument(deps.keys)));
  for (const path of ['/.well-known/openid-configuration', '/oauth/token/.well-known/openid-configuration']) {
    app.get(path, (context) => json(context, 200, openidConfiguration(url, tokens.issuer)));
  }

  app.post('/oauth/token', async (context) => {
    const form = await readForm(context);
    const asked = form.get('grant_type');
    if (asked === null || asked === '') throw invalidRequest('Missing grant type');
    const known = await client(context, form);
    const grant = Object.hasOwn(GRANTS, asked) ? (asked as keyof typeof GRANTS) : undefined;
    if (grant === undefined) {
      throw new IssuerError(400, 'unsupported_grant_type', `Unsupported grant type: ${printable(asked)}`);
    }
    if (!known.grantTypes.includes(grant)) {
      throw new IssuerError(401, 'unauthorized_client', `Unauthorized grant type: ${grant}`);
    }
    const request = { client: known, form, address: deps.addressOf(context), requestId: deps.requestIdOf(context) };
    return json(context, 200, await GRANTS[grant](grantDeps, request));
  });

  app.post('/check_token', async (context) => {
    const form = await readForm(context);
    await confidential(client(context, form));
    const claims = await live(deps, tokens, form.get('token') ?? '');
    if (claims === undefined) throw new IssuerError(400, 'invalid_token', 'The token expired or was revoked');
    return json(context, 200, claims);
  });
  app.post('/introspect', async (context) => {
    const form = await readForm(context);
    await confidential(client(context, form));
    const claims = await live(deps, tokens, form.get('token') ?? '');
    return json(context, 200, claims === undefined ? { active: false } : { ...claims, active: true });
  });

  // The CLI's logout. An expired token of ours may still end its own session.
  app.delete('/oauth/token/revoke/:jti', async (context) => {
    const claims = await bearer(context, tokens);
    const jti = named(context.req.param('jti'));
    const own = claims.jti === jti;
    if (!own || claims.exp * 1000 > deps.clock.now().getTime()) alive(deps, claims, own);
    if (!own) mayRevoke(claims);
    await (own && claims.sid !== undefined
      ? deps.revocations.revokeSession(claims.sid)
      : deps.revocations.revokeToken(jti));
    return json(context, 200, {});
  });
  app.get('/oauth/token/revoke/user/:id', async (context) => {
    const claims = await bearer(context, tokens);
    alive(deps, claims);
    const id = named(context.req.param('id'));
    if (claims.user_id !== id) mayRevoke(claims);
    await deps.revocations.revokeUser(id);
    return json(context, 200, {});
  });
  app.get('/oauth/token/revoke/client/:id', async (context) => {
    const claims = await bearer(context, tokens);
    alive(deps, claims);
    const id = named(context.req.param('id'));
    if (claims.user_id !== undefined || claims.client_id !== id) mayRevoke(claims);
    await deps.revocations.revokeClient(id);
    return json(context, 200, {});
  });

  app.all('/oauth/token', (context) => {
    const description = `Request method '${printable(context.req.method)}' not supported`;
    return renderIssuerError(context, new IssuerError(405, 'method_not_allowed', description, { Allow: 'POST' }));
  });
  // Not `all('/*')`: of `/uaa/../info` only the path as it was sent is below `/uaa`.
  app.notFound((context) => renderIssuerError(context, new IssuerError(404, 'not_found', 'There is no such endpoint')));
  app.onError((error, context) => {
    if (error instanceof IssuerError) return renderIssuerError(context, error);
    if (error instanceof TooManyLogins) return busy(context, 'Too many logins at once. Please retry your request.');
    deps.log.error({ request_id: deps.requestIdOf(context), err: error }, 'the issuer could not answer');
    return busy(context, 'The server is temporarily unavailable. Please retry your request.');
  });
  return app;
}

const busy = (context: Context, description: string): Response =>
  renderIssuerError(context, new IssuerError(503, 'temporarily_unavailable', description, { 'Retry-After': '1' }));

/** Echoed words hold nothing that could end a header or a line of a log. */
const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 100);

async function confidential(found: ReturnType<typeof authenticateClient>): Promise<void> {
  if ((await found).verifier === 'public') throw badCredentials();
}

/** @throws IssuerError for another content type, a body too long, or a field given twice (RFC 6749, section 3.2) */
async function readForm(context: Context): Promise<URLSearchParams> {
  const type = (context.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded') {
    throw new IssuerError(415, 'invalid_request', 'Content type must be application/x-www-form-urlencoded');
  }
  const tooLong = () => new IssuerError(413, 'invalid_request', 'The request is too large', { Connection: 'close' });
  if (Number(context.req.header('content-length') ?? 0) > FORM_BYTES) throw tooLong();
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of context.req.raw.body ?? []) {
    length += part.length;
    if (length > FORM_BYTES) throw tooLong();
    parts.push(part);
  }
  if (length > QUICK_BYTES) await ownTurn();
  const form = new URLSearchParams(Buffer.concat(parts).toString('utf8'));
  refuseRepeated(new URLSearchParams([...queryOf(context), ...form]));
  return form;
}

const queryOf = ({ req }: Context): URLSearchParams => new URL(req.url).searchParams;

/** @throws IssuerError for a parameter that is given more than once, wherever it stands (RFC 6749, section 3.1) */
function refuseRepeated(parameters: URLSearchParams): void {
  const names = new Set<string>();
  for (const name of parameters.keys()) {
    if (names.has(name)) throw invalidRequest(`Duplicate parameter: ${printable(name)}`);
    names.add(name);
  }
}

/** Whom a path names. @throws IssuerError for what can be nobody's name, and in no database */
function named(id: string): string {
  if (!isPlausibleName(id)) throw new IssuerError(404, 'not_found', 'There is nothing of that name');
  return id;
}

async function bearer(context: Context, tokens: AccessTokens): Promise<Claims> {
  const token = /^bearer ([^\s]+)$/i.exec(context.req.header('authorization') ?? '')?.[1];
  const claims = token === undefined ? undefined : await tokens.read(token);
  if (claims === undefined) throw invalidToken('Full authentication is required to access this resource');
  return claims;
}

/** @throws IssuerError when expired, or revoked unless `again` allows to revoke what is revoked already */
function alive(deps: IssuerDeps, claims: Claims, again = false): void {
  if (claims.exp * 1000 <= deps.clock.now().getTime()) throw invalidToken('Access token expired');
  if (!again && deps.revocations.isRevoked(claims)) throw invalidToken('The token has been revoked');
}

function mayRevoke(claims: Claims): void {
  if (!claims.scope.includes('tokens.revoke') && !claims.scope.includes('uaa.admin')) {
    throw insufficientScope('uaa.admin,tokens.revoke');
  }
}

async function live(deps: IssuerDeps, tokens: AccessTokens, token: string): Promise<Claims | undefined> {
  const claims = await tokens.read(token);
  if (claims === undefined || claims.exp * 1000 <= deps.clock.now().getTime()) return undefined;
  return deps.revocations.isRevoked(claims) ? undefined : claims;
}
