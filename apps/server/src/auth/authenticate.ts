/**
 * Token and certificate together (server-facts 7.1): a certificate without identity is refused whatever else was sent, then
 * a token must hold wherever it is sent, open paths included; with both good the token's actor counts.
 */
import type { IncomingMessage } from 'node:http';
import type { BearerAuthenticator } from './bearer.ts';
import { bearerToken } from './jwt.ts';
import { certificatePrincipal } from './mtls.ts';
import type { Principal } from './principal.ts';

export type Authenticate = (
  authorization: string | undefined,
  incoming: IncomingMessage | undefined,
) => Principal | undefined | Promise<Principal>;

/** `undefined`: nothing was sent. Throws AuthRefused, CredError `unavailable`. */
export const createAuthenticate =
  ({ bearer, tokens }: { bearer: BearerAuthenticator; tokens: boolean }): Authenticate =>
  (authorization, incoming) => {
    const byCertificate = certificatePrincipal(incoming);
    const token = tokens ? bearerToken(authorization) : undefined;
    return token === undefined ? byCertificate : bearer.authenticate(token);
  };
