/**
 * Token and certificate together (docs/reference/credhub-server.md#authentication): a certificate without identity is
 * refused whatever else was sent, then a token must hold wherever it is sent, open paths included; with both good the
 * token's actor counts.
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

/** A connection sends the same token again and again: it is taken apart once. Whether it holds is asked each time. */
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

/** `undefined`: nothing was sent. Throws AuthRefused, CredError `unavailable`. */
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
