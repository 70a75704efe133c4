/** Issues access tokens with UAA's claims, and reads them for revocation and introspection. */
import { verify } from 'node:crypto';
import type { Clock, Entropy, GrantType } from '@credplex/core';
import type { SigningKeys } from './signing-keys.ts';

/** Lifetime of access tokens (docs/operate/security.md#tokens-and-passwords). */
export const ACCESS_TOKEN_SECONDS = 600;

export interface Claims {
  readonly iss: string;
  readonly jti: string;
  readonly sub: string;
  readonly iat: number;
  readonly exp: number;
  /** Milliseconds, so that a login in the same second as a password change is not revoked with it. */
  readonly iat_ms: number;
  readonly aud: readonly string[];
  readonly scope: readonly string[];
  readonly client_id: string;
  readonly cid: string;
  readonly azp: string;
  /** Stays `password` when a user's token is refreshed (docs/reference/credhub-server.md#actors). */
  readonly grant_type: Exclude<GrantType, 'refresh_token'>;
  readonly zid: 'uaa';
  readonly origin?: 'uaa';
  readonly user_id?: string;
  readonly user_name?: string;
  readonly authorities?: readonly string[];
  /** The login of the token, so that logout can revoke its refresh tokens. */
  readonly sid?: string;
}

export interface TokenSubject {
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly user?: { readonly id: string; readonly name: string } | undefined;
  readonly session?: string | undefined;
}

export interface AccessTokens {
  readonly issuer: string;
  issue(subject: TokenSubject): Promise<{ readonly token: string; readonly claims: Claims }>;
  /** Returns the claims of a token with a valid signature of this issuer, even if expired; `undefined` for any other text. */
  read(token: string): Promise<Claims | undefined>;
}

export function createAccessTokens(deps: {
  readonly keys: SigningKeys;
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** `<public_url>/uaa`. */
  readonly url: string;
}): AccessTokens {
  const issuer = `${deps.url}/oauth/token`;
  return {
    issuer,
    async issue({ clientId, scopes, user, session }) {
      const now = deps.clock.now().getTime();
      const iat = Math.floor(now / 1000);
      const claims: Claims = {
        jti: deps.entropy.uuid().replaceAll('-', ''),
        sub: user?.id ?? clientId,
        ...(user === undefined ? { authorities: scopes } : {}),
        scope: scopes,
        client_id: clientId,
        cid: clientId,
        azp: clientId,
        grant_type: user === undefined ? 'client_credentials' : 'password',
        ...(user === undefined ? {} : { user_id: user.id, origin: 'uaa', user_name: user.name }),
        ...(session === undefined ? {} : { sid: session }),
        iat,
        iat_ms: now,
        exp: iat + ACCESS_TOKEN_SECONDS,
        iss: issuer,
        zid: 'uaa',
        aud: audienceOf(clientId, scopes),
      };
      return { token: await deps.keys.sign({ jku: `${deps.url}/token_keys` }, { ...claims }), claims };
    },
    async read(token) {
      const [head = '', payload = '', signature = '', ...rest] = token.split('.');
      if (rest.length > 0 || signature === '') return undefined;
      const header = decodePart(head);
      if (header?.alg !== 'RS256' || typeof header.kid !== 'string') return undefined;
      const key = await deps.keys.find(header.kid);
      const signed = Buffer.from(`${head}.${payload}`);
      if (key === undefined || !verify('sha256', signed, key.key, Buffer.from(signature, 'base64url')))
        return undefined;
      const claims = decodePart(payload);
      // The signature guarantees the shape of the claims: only `issue` signs with these keys.
      return claims?.iss === issuer ? (claims as unknown as Claims) : undefined;
    },
  };
}

/** Returns UAA's audience: the client, and each scope up to its last dot. */
function audienceOf(clientId: string, scopes: readonly string[]): string[] {
  return [
    ...new Set([
      clientId,
      ...scopes.filter((one) => one.includes('.')).map((one) => one.slice(0, one.lastIndexOf('.'))),
    ]),
  ];
}

function decodePart(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
