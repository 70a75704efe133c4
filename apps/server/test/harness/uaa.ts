/** A UAA as far as CredHub looks at it: discovery, `/token_keys`, and tokens of any shape, signed here. */
import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TokenShape {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Another key than the published one. */
  readonly key?: KeyObject;
}

export interface TestUaa {
  readonly url: string;
  readonly issuer: string;
  readonly kid: string;
  /** PEM of the published key. */
  readonly publicKey: string;
  /** A token with both scopes, ten minutes long, unless the shape says otherwise; claims given as undefined are left out. */
  token(shape?: TokenShape): string;
  clientToken(clientId: string, shape?: TokenShape): string;
  userToken(userId: string, userName: string, shape?: TokenShape): string;
  /** Publishes another key; tokens of the old one stop being verifiable. */
  rotate(): void;
  /** How often the keys were asked for. */
  readonly fetches: () => number;
  stop(): Promise<void>;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const newKey = (): KeyObject => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

/** A key that nobody publishes. */
export const strangeKey = newKey;

export async function startUaa(port = 0): Promise<TestUaa> {
  let key = newKey();
  let kid = 'key-1';
  let fetches = 0;
  let url = '';
  const server = createServer((request, response) => {
    const answer = (body: unknown) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (request.url === '/.well-known/openid-configuration') return answer({ issuer: `${url}/oauth/token` });
    if (request.url === '/token_keys') {
      fetches += 1;
      const jwk = key.export({ format: 'jwk' });
      return answer({ keys: [{ kty: 'RSA', use: 'sig', alg: 'RS256', kid, n: jwk.n, e: jwk.e }] });
    }
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const token = ({ header = {}, claims = {}, key: other }: TokenShape = {}): string => {
    const now = Math.floor(Date.now() / 1000);
    const head = { alg: 'RS256', typ: 'JWT', kid, ...header };
    const body = {
      jti: randomUUID(),
      iss: `${url}/oauth/token`,
      aud: ['credhub', 'tests'],
      iat: now - 5,
      exp: now + 600,
      scope: ['credhub.read', 'credhub.write'],
      ...claims,
    };
    const signed = `${encode(head)}.${encode(body)}`;
    if (head.alg === 'none') return `${signed}.`;
    const signature =
      head.alg === 'HS256'
        ? createHmac('sha256', publicKeyOf(key)).update(signed).digest()
        : sign('sha256', Buffer.from(signed), other ?? key);
    return `${signed}.${signature.toString('base64url')}`;
  };

  const withClaims = (claims: Record<string, unknown>, shape: TokenShape = {}): string =>
    token({ ...shape, claims: { ...claims, ...shape.claims } });

  return {
    get url() {
      return url;
    },
    get issuer() {
      return `${url}/oauth/token`;
    },
    get kid() {
      return kid;
    },
    get publicKey() {
      return publicKeyOf(key);
    },
    token,
    clientToken: (id, shape) =>
      withClaims({ client_id: id, cid: id, sub: id, grant_type: 'client_credentials' }, shape),
    userToken: (id, name, shape) =>
      withClaims({ user_id: id, user_name: name, client_id: 'credhub_cli', sub: id, grant_type: 'password' }, shape),
    rotate() {
      key = newKey();
      kid = `key-${randomUUID()}`;
    },
    fetches: () => fetches,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function publicKeyOf(key: KeyObject): string {
  return createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
}
