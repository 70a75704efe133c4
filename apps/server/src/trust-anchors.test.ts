import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:tls';
import { createCertificateAuthority, type Identity, issueServerCertificate } from '@credplex/pki';
import { issueClientCertificate, issueIntermediate } from '@credplex/pki/testing';
import { Hono } from 'hono';
import { beforeAll, describe, expect, test } from 'vitest';
import { createApp } from './app.ts';
import { certificatePrincipal } from './auth/mtls.ts';
import { createUaaKeys } from './auth/uaa-keys.ts';
import type { ServerEnv } from './http-env.ts';
import { listenTls } from './listen.ts';

const GUID = '6f6c9d5e-4f0a-4b51-8d3c-0a1b2c3d4e5f';
const NAMES = ['localhost', '127.0.0.1'];

let root: Identity;
let trusted: Identity;
let sibling: Identity;

beforeAll(async () => {
  const now = new Date();
  root = await createCertificateAuthority({ commonName: 'root', days: 2, now });
  trusted = await issueIntermediate({ ca: root, commonName: 'trusted intermediate', days: 2, now });
  sibling = await issueIntermediate({ ca: root, commonName: 'sibling intermediate', days: 2, now });
});

function serverCertificate(ca: Identity): Promise<Identity> {
  return issueServerCertificate({ ca, names: NAMES, days: 2, now: new Date() });
}

function clientCertificate(ca: Identity): Promise<Identity> {
  return issueClientCertificate({
    ca,
    subject: [[['OU', `app:${GUID}`]]],
    ekus: ['client_auth'],
    days: 2,
    now: new Date(),
  });
}

function withChain(leaf: Identity, ...chain: readonly Identity[]): Identity {
  return {
    ...leaf,
    certificate: [leaf, ...chain].map(({ certificate }) => certificate).join(''),
  };
}

describe('tls.client_ca', () => {
  interface Client {
    readonly identity: Identity;
    /** Sent as SNI; empty sends none, as clients of an IP address do. */
    readonly servername: string;
  }

  /** What `/who` answers on a new connection; empty when the connection is closed before. */
  const ask = (port: number, { identity, servername }: Client): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect({
        host: '127.0.0.1',
        port,
        servername,
        rejectUnauthorized: false,
        cert: identity.certificate,
        key: identity.privateKey.reveal(),
      });
      let text = '';
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(text.split('\r\n\r\n')[1] ?? ''));
      socket.write('GET /who HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    });

  const withServer = async (
    clientCas: readonly string[],
    run: (port: number, renew: () => Promise<void>) => Promise<void>,
  ): Promise<void> => {
    const app = new Hono<ServerEnv>();
    app.get('/who', (c) => c.text(certificatePrincipal(c.env.incoming, Date.now)?.actor ?? 'nobody'));
    const server = await listenTls({
      fetch: createApp({ apis: [], fallback: app }),
      addresses: [{ host: '127.0.0.1', port: 0 }],
      tls: { ...(await serverCertificate(root)), clientCas },
    });
    try {
      await run(server.addresses[0]?.port ?? 0, async () => server.renew(await serverCertificate(root)));
    } finally {
      await server.close();
    }
  };

  test.each(['localhost', ''])(
    'an intermediate alone vouches for its own clients and not for those of a sibling, SNI %j, before and after a renewal',
    async (servername) => {
      const own = await clientCertificate(trusted);
      const others = await clientCertificate(sibling);
      await withServer([trusted.certificate], async (port, renew) => {
        const check = async (): Promise<void> => {
          for (const identity of [own, withChain(own, trusted), withChain(own, trusted, root)]) {
            expect(await ask(port, { identity, servername })).toBe(`mtls-app:${GUID}`);
          }
          for (const identity of [others, withChain(others, sibling), withChain(others, sibling, root)]) {
            expect(await ask(port, { identity, servername })).toBe('');
          }
          const below = await clientCertificate(root);
          expect(await ask(port, { identity: withChain(below, root), servername })).toBe('');
        };
        await check();
        await renew();
        await check();
      });
    },
  );

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'a session of a client below an intermediate is resumed, %s',
    async (version) => {
      const { certificate, privateKey } = await clientCertificate(trusted);
      const visit = (port: number, session?: Buffer): Promise<{ text: string; resumed: boolean; session: Buffer }> =>
        new Promise((resolve, reject) => {
          let next: Buffer | undefined;
          let resumed = false;
          let text = '';
          const socket = connect({
            host: '127.0.0.1',
            port,
            servername: 'localhost',
            rejectUnauthorized: false,
            minVersion: version,
            maxVersion: version,
            cert: certificate,
            key: privateKey.reveal(),
            session,
          });
          socket.on('secureConnect', () => {
            resumed = socket.isSessionReused();
          });
          socket.on('session', (given: Buffer) => {
            next = given;
          });
          socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
          socket.on('error', reject);
          socket.on('close', () => {
            const body = text.split('\r\n\r\n')[1] ?? '';
            resolve({ text: body, resumed, session: next ?? Buffer.alloc(0) });
          });
          socket.write('GET /who HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
        });
      await withServer([trusted.certificate], async (port) => {
        const first = await visit(port);
        expect(first).toMatchObject({ text: `mtls-app:${GUID}`, resumed: false });
        expect(await visit(port, first.session)).toMatchObject({ text: `mtls-app:${GUID}`, resumed: true });
      });
    },
  );

  test("a client's own certificate vouches for that client alone", async () => {
    const own = await clientCertificate(trusted);
    const others = await clientCertificate(trusted);
    await withServer([own.certificate], async (port) => {
      expect(await ask(port, { identity: own, servername: 'localhost' })).toBe(`mtls-app:${GUID}`);
      expect(await ask(port, { identity: withChain(others, trusted), servername: 'localhost' })).toBe('');
    });
  });
});

describe('auth.uaa.ca', () => {
  const answers = async (ca: string, identity: Identity): Promise<boolean> => {
    const server = createServer(
      { cert: identity.certificate, key: identity.privateKey.reveal() },
      (request, response) => {
        response.end(JSON.stringify(request.url === '/token_keys' ? { keys: [] } : { issuer: 'https://uaa' }));
      },
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      return await createUaaKeys({ url, ca, clock: { now: () => new Date() } })
        .issuer()
        .then(
          () => true,
          () => false,
        );
    } finally {
      server.closeAllConnections();
      server.close();
    }
  };

  test("may hold an intermediate or UAA's own certificate, and trusts no sibling of it", async () => {
    const own = await serverCertificate(trusted);
    const others = withChain(await serverCertificate(sibling), sibling);
    expect(await answers(trusted.certificate, own)).toBe(true);
    expect(await answers(trusted.certificate, withChain(own, trusted))).toBe(true);
    expect(await answers(own.certificate, own)).toBe(true);
    expect(await answers(trusted.certificate, others)).toBe(false);
    expect(await answers(own.certificate, others)).toBe(false);
  });
});
