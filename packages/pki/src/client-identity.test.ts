import { X509Certificate } from 'node:crypto';
import { connect, createServer, type Server, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientIdentity } from './client-identity.ts';
import { createCertificateAuthority, type Identity, issueServerCertificate } from './server-identity.ts';
import { type CertificateActor, issueClientCertificate, makeActors, type SubjectRdns } from './testing.ts';

const NOW = new Date();
const GUID = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';
const APP = { kind: 'app', actor: `mtls-app:${GUID}`, guid: GUID };
const INVALID = { kind: 'invalid_identity' };
const NO_CLIENT_AUTH = { kind: 'no_client_auth' };

let ca: Identity;
let actors: Record<CertificateActor, Identity>;
beforeAll(async () => {
  ca = await createCertificateAuthority({ commonName: 'clients', days: 30, now: NOW });
  ({ actors } = await makeActors({ ca, now: NOW, guid: GUID }));
});

describe('each actor of the recordings is who it should be', () => {
  const expected: Record<CertificateActor, object> = {
    app: APP,
    app_cf: APP,
    app_both_eku: APP,
    app_no_eku: NO_CLIENT_AUTH,
    app_no_ou: INVALID,
    app_bad_ou: INVALID,
    app_upper: INVALID,
    app_v1uuid: INVALID,
    app_no_prefix: INVALID,
    app_server_eku: NO_CLIENT_AUTH,
    app_untrusted: APP,
    app_self: APP,
    app_expired: APP,
  };
  test.each(Object.entries(expected))('%s', (actor, identity) => {
    const x509 = new X509Certificate(actors[actor as CertificateActor].certificate);
    expect(clientIdentity(x509)).toEqual(identity);
    expect(clientIdentity(x509.raw)).toEqual(identity);
  });
});

describe('the organisational unit', () => {
  const identify = async (subject: SubjectRdns): Promise<unknown> => {
    const made = await issueClientCertificate({ ca, subject, ekus: ['client_auth'], days: 1, now: NOW });
    return clientIdentity(new X509Certificate(made.certificate));
  };
  const app = ['OU', `app:${GUID}`] as const;

  test.each<[string, SubjectRdns, object]>([
    ['counts in the last of several RDNs', [[['OU', 'x']], [['CN', 'y']], [app]], APP],
    ['counts beside others in one RDN', [[['OU', 'a'], ['CN', 'b'], app]], APP],
    ['does not count with something before it', [[['OU', `xapp:${GUID}`]]], INVALID],
    ['does not count with something after it', [[['OU', `app:${GUID}0`]]], INVALID],
    ['does not count with a line break after it', [[['OU', `app:${GUID}\n`]]], INVALID],
    [
      'does not count as another attribute',
      [
        [
          ['CN', `app:${GUID}`],
          ['O', `app:${GUID}`],
        ],
      ],
      INVALID,
    ],
    ['does not count inside of another value', [[['CN', `x,OU=app:${GUID}`]]], INVALID],
    ['is not made by a subject without any', [], INVALID],
  ])('%s', async (_, subject, identity) => {
    expect(await identify(subject)).toEqual(identity);
  });
});

describe('a TLS server that trusts the CA', () => {
  let server: Server;
  let port = 0;

  beforeAll(async () => {
    const identity = await issueServerCertificate({ ca, names: ['localhost', '127.0.0.1'], days: 1, now: NOW });
    server = createServer(
      {
        cert: identity.certificate,
        key: identity.privateKey.reveal(),
        ca: ca.certificate,
        requestCert: true,
        rejectUnauthorized: false,
      },
      (socket: TLSSocket) => {
        socket.on('error', () => undefined);
        socket.end(String(socket.authorized));
      },
    );
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    if (address !== null && typeof address === 'object') port = address.port;
  });
  afterAll(() => {
    server.close();
  });

  const isAuthorized = (identity: Identity): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect({
        host: '127.0.0.1',
        port,
        ca: ca.certificate,
        cert: identity.certificate,
        key: identity.privateKey.reveal(),
      });
      let text = '';
      socket.on('data', (data) => {
        text += String(data);
      });
      socket.on('end', () => {
        resolve(text);
      });
      socket.on('error', reject);
    });

  test('takes exactly the actors that a handshake must not refuse', async () => {
    const refused: string[] = [];
    for (const [actor, identity] of Object.entries(actors)) {
      if ((await isAuthorized(identity)) !== 'true') refused.push(actor);
    }
    expect(refused).toEqual(['app_server_eku', 'app_untrusted', 'app_self', 'app_expired']);
  });
});
