/**
 * API tokens: `psk_<env>_<id>_<secret>`. The id is readable because `plexctl logout` needs it. Only a SHA-256 of the
 * token is stored, which is sufficient for 256 random bits.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Caller } from '../caller.ts';
import { CredError } from '../errors.ts';
import { UUID_PATTERN } from '../identifiers/uuid.ts';
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
/** One year (docs/reference/plexsphere-v1.md#tokens). */
export const MAX_TOKEN_TTL_SECONDS = 365 * DAY;
/** How long the old secret of a rotated token stays valid. */
const ROTATION_GRACE_SECONDS = DAY;
/** Resolution of `last_used_at`, so that a busy token does not cause a write per request. */
const LAST_USED_STEP_MS = 60_000;

const TOKEN = new RegExp(`^psk_(?:${TOKEN_ENVIRONMENTS.join('|')})_(${UUID_PATTERN})_[A-Za-z0-9_-]{43}$`);

/** Returns the id inside a token; undefined for a malformed token. */
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

/** Issues a token for `owner`. Permissions must be checked before. @throws CredError `invalid_token_request` */
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
 * Issues a token for the caller; no caller can issue one for another identity (docs/reference/plexsphere-v1.md#tokens).
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

/** Lists the caller's tokens that have not expired, oldest first. */
export function listTokens(deps: TokenDeps, caller: Caller): Promise<ApiTokenRow[]> {
  return deps.records.listTokens({ owner: caller.actor, now: deps.clock.now() });
}

/** Revokes a token immediately. @throws CredError `token_not_found`, also for the token of another owner */
export async function revokeToken(deps: TokenDeps, caller: Caller, id: string): Promise<void> {
  const audit = auditEvent(deps, caller, 'api_token.revoke', { type: 'apitoken', id });
  const deleted = await deps.records.deleteToken({ id, owner: caller.actor, audit });
  if (!deleted) throw new CredError('token_not_found');
}

/**
 * Gives a token a new secret under the same id, with its original lifetime. The old secret is valid until
 * `previousUntil`.
 * @throws CredError `token_not_found`
 */
export async function rotateToken(deps: TokenDeps, caller: Caller, id: string): Promise<IssuedToken> {
  const at = deps.clock.now();
  const token = await deps.records.token(id);
  if (token === undefined || token.owner !== caller.actor || token.expiresAt <= at)
    throw new CredError('token_not_found');
  const plaintext = mint(deps.entropy, token.envPrefix, id);
  // Rounded to a second, because the Sunset header that carries the same instant has no fractions (RFC 8594).
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
 * Returns the owner of a token (`user:<uuid>` or `service:<uuid>`). The row is read on every use, so that every replica
 * immediately rejects a revoked token and the token of a deleted owner.
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
