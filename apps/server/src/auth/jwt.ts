/**
 * Verifies a JWT with the messages and in the order of CredHub 2.15 (docs/reference/credhub-server.md#tokens,
 * docs/reference/credhub-server.md#token-errors): format, claim types, key, signature, exp against iat, times, issuer. jose checks
 * the signature.
 */
import { compactVerify } from 'jose';
import { type KeySource, TOKEN_ALGORITHMS, type TokenAlgorithm, type VerificationKey } from './key-source.ts';
import { AuthRefused } from './refusal.ts';

export type Claims = Readonly<Record<string, unknown>>;

/** A token that is valid now. Times in seconds. */
export interface VerifiedToken {
  readonly claims: Claims;
  readonly expiresAt: number;
  readonly notBefore: number | undefined;
  readonly thumbprint: string;
}

/** Tolerance for clock differences (docs/reference/credhub-server.md#tokens). */
const CLOCK_SKEW_SECONDS = 60;

function invalidToken(description: string) {
  return new AuthRefused({ kind: 'invalid_token', description });
}

function undecodable(reason: string) {
  return invalidToken(`An error occurred while attempting to decode the Jwt: ${reason}`);
}

/** RFC 6750 2.1, as Spring matches it: one space, and only characters of b64token. */
const BEARER = /^bearer (?<token>[a-zA-Z0-9\-._~+/]+=*)$/i;

/** Returns the token of an Authorization header; `undefined` without one or for another scheme. @throws AuthRefused if malformed */
export function bearerToken(header: string | undefined): string | undefined {
  if (header === undefined || !/^bearer/i.test(header)) return undefined;
  const token = BEARER.exec(header)?.groups?.['token'];
  if (token === undefined) throw invalidToken('Bearer token is malformed');
  // CredHub's decoder ignores padding after the signature.
  return token.replace(/=+$/, '');
}

function decodeObject(part: string): Record<string, unknown> | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(part)) return undefined;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(part, 'base64url'));
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function isAlgorithm(value: unknown): value is TokenAlgorithm {
  return TOKEN_ALGORITHMS.some((known) => known === value);
}

/** Largest time of a Date (ECMA-262, 21.4.1.1), in seconds. */
const MAX_DATE_SECONDS = 8.64e12;
function isTime(value: unknown): boolean {
  return typeof value === 'number' && Math.abs(value) <= MAX_DATE_SECONDS;
}

const CLAIM_CHECKS: Readonly<Record<string, (value: unknown) => boolean>> = {
  iss: (value) => typeof value === 'string',
  sub: (value) => typeof value === 'string',
  jti: (value) => typeof value === 'string',
  exp: isTime,
  nbf: isTime,
  iat: isTime,
  aud: (value) => typeof value === 'string' || (Array.isArray(value) && value.every((one) => typeof one === 'string')),
  // CredHub answers 500 to a scope that is not a list, and to wrong types of the following claims.
  scope: (value) => Array.isArray(value) && value.every((one) => typeof one === 'string'),
  client_id: (value) => typeof value === 'string',
  user_id: (value) => typeof value === 'string',
  user_name: (value) => typeof value === 'string',
  grant_type: (value) => typeof value === 'string',
};

function checkClaimTypes(claims: Claims): void {
  for (const [name, isValid] of Object.entries(CLAIM_CHECKS)) {
    const value = claims[name];
    if (value !== undefined && value !== null && !isValid(value)) throw undecodable('Malformed payload');
  }
  // A token without exp would never expire. CredHub answers 500.
  if (typeof claims['exp'] !== 'number') throw undecodable('Malformed payload');
}

async function matchingKeys(
  source: KeySource,
  algorithm: TokenAlgorithm,
  kid: unknown,
): Promise<readonly VerificationKey[]> {
  const matches = (key: VerificationKey) => key.algorithm === algorithm && (typeof kid !== 'string' || key.kid === kid);
  const known = (await source.keys({ refresh: false })).filter(matches);
  return known.length > 0 ? known : (await source.keys({ refresh: true })).filter(matches);
}

async function verifySignature(token: string, keys: readonly VerificationKey[]): Promise<VerificationKey> {
  for (const key of keys) {
    try {
      await compactVerify(token, key.key, { algorithms: [key.algorithm] });
      return key;
    } catch {
      // A token without kid is tried with every key of its algorithm.
    }
  }
  throw undecodable('Signed JWT rejected: Invalid signature');
}

function formatInstant(seconds: number): string {
  return new Date(Math.floor(seconds) * 1000).toISOString().replace('.000Z', 'Z');
}

/** Checks exp and nbf. @throws AuthRefused for an expired or not yet valid token */
export function checkTimes(token: Pick<VerifiedToken, 'expiresAt' | 'notBefore'>, now: number): void {
  if (token.expiresAt + CLOCK_SKEW_SECONDS < now) throw new AuthRefused({ kind: 'expired' });
  if (token.notBefore !== undefined && token.notBefore - CLOCK_SKEW_SECONDS > now) {
    throw undecodable(`Jwt used before ${formatInstant(token.notBefore)}`);
  }
}

/** Verifies a token. @throws AuthRefused, or CredError `unavailable` while the keys cannot be loaded */
export async function verifyToken(token: string, source: KeySource, now: number): Promise<VerifiedToken> {
  const [head = '', payload = '', ...rest] = token.split('.');
  const header = decodeObject(head);
  if (header === undefined || typeof header['alg'] !== 'string' || rest.length !== 1)
    throw undecodable('Malformed token');
  const { alg, kid } = header;
  if (alg.toLowerCase() === 'none') throw invalidToken('Unsupported algorithm of none');
  // RFC 7515 4.1.11: an unsupported critical header must be refused.
  if ('crit' in header || 'b64' in header) throw undecodable('Malformed token');
  const claims = decodeObject(payload);
  if (claims === undefined) throw undecodable('Malformed payload');
  checkClaimTypes(claims);
  const keys = isAlgorithm(alg) ? await matchingKeys(source, alg, kid) : [];
  if (keys.length === 0) {
    throw undecodable('Signed JWT rejected: Another algorithm expected, or no matching key(s) found');
  }
  const key = await verifySignature(token, keys);
  const expiresAt = Math.floor(Number(claims['exp']));
  const notBefore = typeof claims['nbf'] === 'number' ? Math.floor(claims['nbf']) : undefined;
  const issuedAt = typeof claims['iat'] === 'number' ? Math.floor(claims['iat']) : undefined;
  if (expiresAt <= 0 || (issuedAt !== undefined && expiresAt <= issuedAt)) {
    throw undecodable('expiresAt must be after issuedAt');
  }
  const verified = { claims, expiresAt, notBefore, thumbprint: key.thumbprint };
  checkTimes(verified, now);
  if (claims['iss'] !== (await source.issuer())) throw undecodable('The iss claim is not valid');
  if (await source.revoked(claims)) throw undecodable('The token was revoked');
  return verified;
}
