/**
 * An outside UAA for tests: a small TLS server that tells its keys and its issuer, and signs whatever token a test wants,
 * right or wrong. Nothing of the server under test is used here.
 */
import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createCertificateAuthority, issueServerCertificate } from '@credplex/pki';

export type Claims = Readonly<Record<string, unknown>>;

export interface Signing {
  readonly alg?: 'RS256' | 'RS512' | 'ES256' | 'EdDSA' | 'HS256' | 'none';
  /** `null` leaves it out. */
  readonly kid?: string | null;
  readonly typ?: string;
  /** `stranger`: another RSA key than the one that `/token_keys` tells. */
  readonly key?: 'own' | 'stranger';
}

export interface OutsideUaa {
  readonly url: string;
  /** PEM of the CA of its TLS certificate. */
  readonly ca: string;
  /** A token of these claims over those of a fresh one; a claim of `undefined` is left out. */
  token(claims?: Claims, how?: Signing): string;
  /** Publishes another key; tokens of the old one stop being verifiable. */
  rotate(): void;
  stop(): Promise<void>;
}

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const newKey = (): KeyObject => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

export async function startOutsideUaa(): Promise<OutsideUaa> {
  const now = new Date();
  const authority = await createCertificateAuthority({ commonName: 'uaa', days: 2, now });
  const identity = await issueServerCertificate({ ca: authority, names: ['127.0.0.1', 'localhost'], days: 2, now });
  const stranger = newKey();
  const others = {
    ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
    EdDSA: generateKeyPairSync('ed25519').privateKey,
  };
  let own = { kid: 'uaa-key-1', key: newKey() };

  let url = '';
  const publicJwk = (): object => {
    const { n, e } = own.key.export({ format: 'jwk' });
    return { kty: 'RSA', use: 'sig', alg: 'RS256', kid: own.kid, n, e };
  };
  const otherJwk = (alg: keyof typeof others): object => {
    const { d: _, ...shown } = others[alg].export({ format: 'jwk' });
    return { ...shown, use: 'sig', kid: alg };
  };
  const answers: Readonly<Record<string, () => unknown>> = {
    // With what a reader has to pass over: nothing, and a key that is no public one.
    '/token_keys': () => ({
      keys: [null, { kty: 'MAC', kid: 'shared', value: 'x' }, publicJwk(), otherJwk('ES256'), otherJwk('EdDSA')],
    }),
    '/.well-known/openid-configuration': () => ({
      issuer: `${url}/oauth/token`,
      token_endpoint: `${url}/oauth/token`,
      jwks_uri: `${url}/token_keys`,
    }),
    '/info': () => ({ app: { version: '77.0.0' }, links: { uaa: url, login: url }, zone_name: 'uaa' }),
  };
  const server = createServer(
    { cert: identity.certificate, key: identity.privateKey.reveal() },
    (request, response) => {
      const answer = answers[request.url ?? ''];
      response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' });
      response.end(answer ? JSON.stringify(answer()) : '{}');
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const signature = (input: string, { alg = 'RS256', key = 'own' }: Signing): string => {
    if (alg === 'none') return '';
    if (alg === 'HS256') {
      const pem = publicPem(own.key);
      return createHmac('sha256', pem).update(input).digest('base64url');
    }
    if (alg === 'EdDSA') return sign(null, Buffer.from(input), others.EdDSA).toString('base64url');
    if (alg === 'ES256') {
      const key = { key: others.ES256, dsaEncoding: 'ieee-p1363' } as const;
      return sign('sha256', Buffer.from(input), key).toString('base64url');
    }
    const hash = alg === 'RS256' ? 'sha256' : 'sha512';
    return sign(hash, Buffer.from(input), key === 'own' ? own.key : stranger).toString('base64url');
  };

  return {
    url,
    ca: authority.certificate,
    token(claims = {}, how = {}) {
      const issued = Math.floor(Date.now() / 1000);
      const usual = how.alg === 'ES256' || how.alg === 'EdDSA' ? how.alg : own.kid;
      const kid = how.kid === undefined ? usual : how.kid;
      const header = { alg: how.alg ?? 'RS256', typ: how.typ ?? 'JWT', ...(kid === null ? {} : { kid }) };
      const payload = {
        jti: randomUUID(),
        iss: `${url}/oauth/token`,
        aud: ['credhub'],
        scope: ['credhub.read', 'credhub.write'],
        grant_type: 'client_credentials',
        zid: 'uaa',
        iat: issued,
        exp: issued + 6 * 3600,
        ...claims,
      };
      const input = `${base64url(header)}.${base64url(payload)}`;
      return `${input}.${signature(input, how)}`;
    },
    rotate() {
      own = { kid: `uaa-key-${randomUUID()}`, key: newKey() };
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const publicPem = (key: KeyObject): string =>
  // A public key is what an attacker has: HS256 keyed with its text must not verify.
  createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();

/** Claims of a token of client_credentials. */
export const clientClaims = (client: string): Claims => ({
  sub: client,
  client_id: client,
  cid: client,
  azp: client,
  authorities: ['credhub.read', 'credhub.write'],
});

/** Claims of a token that a person got with a password. */
export const userClaims = (id: string, name: string): Claims => ({
  sub: id,
  user_id: id,
  user_name: name,
  client_id: 'credhub_cli',
  cid: 'credhub_cli',
  grant_type: 'password',
  origin: 'uaa',
});
