/**
 * Combines token and certificate (docs/reference/credhub-server.md#authentication). A certificate without identity is refused
 * first. Then a token must be valid, also on open paths. With both, the actor of the token is used.
 */
import type { IncomingMessage } from 'node:http';
import type { Clock } from '@credplex/core';
import { type BearerAuthenticator, tokenKey } from './bearer.ts';
import { bearerToken } from './jwt.ts';
import { certificatePrincipal } from './mtls.ts';
import type { Principal } from './principal.ts';

export type Authenticate = (
  authorization: string | undefined,
  incoming: IncomingMessage | undefined,
) => Principal | undefined | Promise<Principal>;

interface ParsedToken {
  readonly authorization: string;
  readonly token: string;
  readonly key: string;
}

/** The last token of each connection, to parse a repeated header only once. Its validity is checked on each request. */
const lastToken = new WeakMap<object, ParsedToken>();

function parseToken(authorization: string | undefined, connection: object | undefined): ParsedToken | undefined {
  const last = connection && lastToken.get(connection);
  if (last !== undefined && last.authorization === authorization) return last;
  const token = bearerToken(authorization);
  if (token === undefined || authorization === undefined) return undefined;
  const now = { authorization, token, key: tokenKey(token) };
  if (connection !== undefined) lastToken.set(connection, now);
  return now;
}

/** Creates the authentication of requests; it returns `undefined` without token and certificate. */
export function createAuthenticate(deps: {
  readonly bearer: BearerAuthenticator;
  readonly tokens: boolean;
  readonly clock: Clock;
}): Authenticate {
  const now = () => deps.clock.now().getTime();
  return (authorization, incoming) => {
    const byCertificate = certificatePrincipal(incoming, now);
    const token = deps.tokens ? parseToken(authorization, incoming?.socket) : undefined;
    return token === undefined ? byCertificate : deps.bearer.authenticate(token.token, token.key);
  };
}
