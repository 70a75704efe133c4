/** A server on one page and clients that resume sessions, for tests. */
import { connect } from 'node:tls';
import type { Identity } from '@credplex/pki';
import { Hono } from 'hono';
import { createApp } from '../app.ts';
import { certificatePrincipal } from '../auth/mtls.ts';
import { AuthRefused } from '../auth/refusal.ts';
import type { ServerEnv } from '../http-env.ts';
import { listenTls, type TlsFiles, type TlsListening } from '../listen.ts';

export const TLS_VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;

export interface Visit {
  readonly isResumed: boolean;
  /** The actor of the client certificate, `nobody`, or why the certificate has none; empty when the connection was closed instead. */
  readonly actor: string;
  /** For the next visit; empty when the server gave none. */
  readonly session: Buffer;
}

export interface Visitor {
  readonly version: (typeof TLS_VERSIONS)[number];
  readonly session?: Buffer;
  readonly identity?: Identity;
}

/** Listens on 127.0.0.1; `/who` answers with the actor. */
export function listenForVisits(tls: TlsFiles): Promise<TlsListening> {
  const app = new Hono<ServerEnv>();
  app.get('/who', (c) => {
    try {
      return c.text(certificatePrincipal(c.env.incoming, Date.now)?.actor ?? 'nobody');
    } catch (error) {
      return c.text(error instanceof AuthRefused ? error.refusal.kind : 'error', 401);
    }
  });
  const fetch = createApp({ apis: [], fallback: app });
  return listenTls({ fetch, addresses: [{ host: '127.0.0.1', port: 0 }], tls });
}

export function portOf({ addresses }: TlsListening): number {
  return addresses[0]?.port ?? 0;
}

/** Sends one request on a new connection. */
export function visit(port: number, { version, session, identity }: Visitor): Promise<Visit> {
  return new Promise((resolve) => {
    let isResumed = false;
    let next = Buffer.alloc(0);
    let text = '';
    const socket = connect({
      host: '127.0.0.1',
      port,
      servername: 'localhost',
      rejectUnauthorized: false,
      minVersion: version,
      maxVersion: version,
      ...(identity === undefined ? {} : { cert: identity.certificate, key: identity.privateKey.reveal() }),
      ...(session === undefined ? {} : { session }),
    });
    socket.on('secureConnect', () => {
      isResumed = socket.isSessionReused();
    });
    socket.on('session', (given: Buffer) => {
      next = Buffer.from(given);
    });
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve({ isResumed, actor: text.split('\r\n\r\n')[1] ?? '', session: next }));
    socket.write('GET /who HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  });
}
