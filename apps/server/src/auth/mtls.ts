/**
 * Client certificates as a way in (server-facts 7.4). Trust, dates and purpose were settled in the handshake (listen.ts
 * ends it); here it is read once per connection who the certificate speaks for.
 */
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { type ClientIdentity, clientIdentity } from '@credplex/pki';
import type { Principal } from './principal.ts';
import { AuthRefused } from './refusal.ts';

type Found = Principal | Exclude<ClientIdentity, { kind: 'app' }>;

/** `null`: a connection without a certificate. */
const perConnection = new WeakMap<TLSSocket, Found | null>();

function read(socket: TLSSocket): Found | null {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined || !socket.authorized) return null;
  const identity = clientIdentity(certificate);
  if (identity.kind !== 'app') return identity;
  return { actor: identity.actor, mechanism: 'mutual_tls', displayName: `app:${identity.guid}`, mayUse: true };
}

/** The principal of the connection's certificate; `undefined` without one. @throws AuthRefused for one without identity */
export function certificatePrincipal(incoming: IncomingMessage | undefined): Principal | undefined {
  const socket = incoming?.socket;
  if (!(socket instanceof TLSSocket)) return undefined;
  let found = perConnection.get(socket);
  if (found === undefined) {
    found = read(socket);
    perConnection.set(socket, found);
  }
  if (found === null) return undefined;
  if ('kind' in found) throw new AuthRefused({ kind: found.kind });
  return found;
}
