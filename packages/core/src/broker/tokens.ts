/**
 * API tokens: `psk_<env>_<id>_<secret>`. The id can be read from the token (plexctl's logout needs it); of the rest only a
 * SHA-256 is kept, which is enough for 256 random bits.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Caller } from '../caller.ts';
import { CredError } from '../errors.ts';
import { uuidV7 } from '../identifiers/uuid-v7.ts';
import type { Entropy } from '../ports/clock.ts';
import type { ApiTokenRow } from '../ports/plexsphere.ts';
import { auditEvent } from '../rebac/events.ts';
import { type Secret, secret } from '../secret.ts';
import type { BrokerDeps } from './deps.ts';

export const TOKEN_ENVIRONMENTS = ['dev', 'stage', 'prod'] as const;
export type TokenEnvironment = (typeof TOKEN_ENVIRONMENTS)[number];

const DAY = 86_400;
/** The default of plexctl's `--ttl`, 720 hours (docs/reference/plexsphere-v1.md#the-plexctl-command-line). */
export const DEFAULT_TOKEN_TTL_SECONDS = 30 * DAY;
/** A year (docs/reference/plexsphere-v1.md#tokens). */
export const MAX_TOKEN_TTL_SECONDS = 365 * DAY;
/** How long a rotated token's old secret still works. */
const ROTATION_GRACE_SECONDS = DAY;
/** `last_used_at` is as fine as this, so that a busy token is not a write per request. */
const LAST_USED_STEP_MS = 60_000;

const TOKEN = /^psk_(?:dev|stage|prod)_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})_[A-Za-z0-9_-]{43}$/;

/** The id inside a token; undefined when it is not of the form. */
export function tokenId(plaintext: string): string | undefined {
  return TOKEN.exec(plaintext)?.[1];
}

function hashOf(plaintext: string): Buffer {
  return createHash('sha256').update(plaintext).digest();
}

function mint(entropy: Entropy, environment: string, id: string): Secret {
  return secret(`psk_${environment}_${id}_${Buffer.from(entropy.bytes(32)).toString('base64url')}`);
}

export interface IssuedToken {
  readonly row: ApiTokenRow;
  /** Shown once. */
  readonly plaintext: Secret;
}

type TokenDeps = Pick<BrokerDeps, 'records' | 'clock' | 'entropy'>;

/** Issues a token for `owner`. The caller has checked the permission. */
export async function mintToken(
  deps: TokenDeps,
  caller: Caller,
  request: { readonly owner: string; readonly environment: TokenEnvironment; readonly ttlSeconds?: number | undefined },
): Promise<IssuedToken> {
  const ttlSeconds = request.ttlSeconds ?? DEFAULT_TOKEN_TTL_SECONDS;
  if (!Number.isInteger(ttlSeconds) || ttlSeconds < 1 || ttlSeconds > MAX_TOKEN_TTL_SECONDS)
    throw new CredError('invalid_token_request', { why: `ttl_seconds must be 1 to ${MAX_TOKEN_TTL_SECONDS}` });
  const id = uuidV7(deps.clock, deps.entropy);
  const plaintext = mint(deps.entropy, request.environment, id);
  const now = deps.clock.now();
  const row: ApiTokenRow = {
    id,
    owner: request.owner,
    envPrefix: request.environment,
    hash: hashOf(plaintext.reveal()),
    ttlSeconds,
    createdAt: now,
    expiresAt: new Date(now.getTime() + ttlSeconds * 1000),
    lastUsedAt: null,
    rotatedAt: null,
    previousHash: null,
    previousUntil: null,
  };
  const details = { owner: request.owner, env_prefix: row.envPrefix, expires_at: row.expiresAt.toISOString() };
  await deps.records.createToken(row, auditEvent(deps, caller, 'api_token.issue', { type: 'apitoken', id }, details));
  return { row, plaintext };
}

/**
 * Callers make tokens for themselves only (docs/reference/plexsphere-v1.md#tokens).
 * @throws CredError `invalid_token_request`
 */
export function issueToken(
  deps: TokenDeps,
  caller: Caller,
  request: {
    readonly identityRef: string;
    readonly environment: TokenEnvironment;
    readonly ttlSeconds?: number | undefined;
  },
): Promise<IssuedToken> {
  if (request.identityRef.toLowerCase() !== caller.actor)
    throw new CredError('invalid_token_request', { why: 'identity_ref must name the caller' });
  return mintToken(deps, caller, { ...request, owner: caller.actor });
}

export function listTokens(deps: TokenDeps, caller: Caller): Promise<ApiTokenRow[]> {
  return deps.records.listTokens({ owner: caller.actor, now: deps.clock.now() });
}

/** Effective at once. @throws CredError `token_not_found`: also another's */
export async function revokeToken(deps: TokenDeps, caller: Caller, id: string): Promise<void> {
  const audit = auditEvent(deps, caller, 'api_token.revoke', { type: 'apitoken', id });
  const deleted = await deps.records.deleteToken({ id, owner: caller.actor, audit });
  if (!deleted) throw new CredError('token_not_found');
}

/**
 * A new secret under the same id, for as long as the token was made for; the old one works until `previousUntil`.
 * @throws CredError `token_not_found`
 */
export async function rotateToken(deps: TokenDeps, caller: Caller, id: string): Promise<IssuedToken> {
  const at = deps.clock.now();
  const token = await deps.records.token(id);
  if (token === undefined || token.owner !== caller.actor || token.expiresAt <= at)
    throw new CredError('token_not_found');
  const plaintext = mint(deps.entropy, token.envPrefix, id);
  // A whole second: the same instant is sent in a Sunset header, which has no fractions (RFC 8594).
  const deadline = Math.min(at.getTime() + ROTATION_GRACE_SECONDS * 1000, token.expiresAt.getTime());
  const previousUntil = new Date(Math.floor(deadline / 1000) * 1000);
  const row = await deps.records.rotateToken({
    id,
    owner: caller.actor,
    hash: hashOf(plaintext.reveal()),
    at,
    previousUntil,
    audit: auditEvent(deps, caller, 'api_token.rotate', { type: 'apitoken', id }),
  });
  if (row === undefined) throw new CredError('token_not_found');
  return { row, plaintext };
}

/**
 * The owner of a token (`user:<uuid>` or `service:<uuid>`). Looked up on every use, so that a revoked token, and one whose owner
 * was deleted, is refused at once by every replica.
 * @throws CredError `unauthenticated`
 */
export async function authenticateToken(
  deps: Pick<BrokerDeps, 'records' | 'clock' | 'ownerExists'>,
  plaintext: string,
): Promise<string> {
  const id = tokenId(plaintext);
  const row = id === undefined ? undefined : await deps.records.token(id);
  const now = deps.clock.now();
  if (row === undefined || row.expiresAt <= now) throw new CredError('unauthenticated');
  const hash = hashOf(plaintext);
  const isCurrent = timingSafeEqual(hash, row.hash);
  const isPrevious =
    row.previousHash !== null &&
    row.previousUntil !== null &&
    now < row.previousUntil &&
    timingSafeEqual(hash, row.previousHash);
  if (!isCurrent && !isPrevious) throw new CredError('unauthenticated');
  if (!(await deps.ownerExists(row.owner))) throw new CredError('unauthenticated');
  if (row.lastUsedAt === null || now.getTime() - row.lastUsedAt.getTime() >= LAST_USED_STEP_MS)
    await deps.records.tokenUsed(row.id, now);
  return row.owner;
}
