/**
 * Authenticates client certificates. The identity of a connection is determined once, when its handshake completes, and not read
 * from the socket later: a TLS 1.2 renegotiation replaces the peer certificate, while Node keeps `authorized` of the first one.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type ClientIdentity, clientIdentity } from '@credplex/pki';
import type { Principal } from './principal.ts';
import { AuthRefused } from './refusal.ts';

interface Peer {
  readonly identity: Principal | Exclude<ClientIdentity, { kind: 'app' }>;
  /** End of the certificate's validity, in milliseconds since the epoch. */
  readonly validUntil: number;
}

/** Connections whose certificate was valid in the handshake. */
const peers = new WeakMap<Socket, Peer>();

/**
 * Records the identity in the certificate of a new connection. Must be called when the handshake completes, before any request.
 * Returns `false` for an invalid certificate (untrusted, expired, not for clients): the caller must close the connection.
 */
export function recordPeer(socket: TLSSocket): boolean {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return true;
  if (!socket.authorized) return false;
  const identity = clientIdentity(certificate);
  peers.set(socket, {
    identity:
      identity.kind === 'app'
        ? {
            actor: identity.actor,
            mechanism: 'mutual_tls',
            displayName: `app:${identity.guid}`,
            hasRequiredScopes: true,
          }
        : identity,
    validUntil: certificate.validToDate.getTime(),
  });
  return true;
}

/**
 * Returns the principal of the connection's certificate, `undefined` without a certificate. `now`: milliseconds since the
 * epoch. The expiry is checked on each request, because a connection may outlive its certificate (RFC 5280, 4.1.2.5).
 * @throws AuthRefused for a certificate without identity, or an expired one
 */
export function certificatePrincipal(incoming: IncomingMessage | undefined, now: () => number): Principal | undefined {
  const peer = incoming && peers.get(incoming.socket);
  if (peer === undefined) return undefined;
  if (!(now() <= peer.validUntil)) throw new AuthRefused({ kind: 'certificate_ended' });
  if ('kind' in peer.identity) throw new AuthRefused({ kind: peer.identity.kind });
  return peer.identity;
}
