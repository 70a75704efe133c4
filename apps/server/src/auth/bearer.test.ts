import { CredError } from '@credplex/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientClaims, type OutsideUaa, startOutsideUaa, userClaims } from '../../test/harness/outside-uaa.ts';
import { createBearer } from './bearer.ts';
import { bearerToken } from './jwt.ts';
import type { KeySource } from './key-source.ts';
import { AuthRefused } from './refusal.ts';
import { createUaaKeys } from './uaa-keys.ts';

let uaa: OutsideUaa;
let now = Date.now();
const clock = { now: () => new Date(now) };

beforeAll(async () => {
  uaa = await startOutsideUaa();
});
afterAll(() => uaa.stop());

function authenticator() {
  return createBearer({ source: createUaaKeys({ url: uaa.url, ca: uaa.ca, clock }), clock });
}

function seconds() {
  return Math.floor(now / 1000);
}

async function refusal(run: () => unknown): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (error instanceof AuthRefused) {
      return error.refusal.kind === 'invalid_token' ? error.refusal.description : error.refusal.kind;
    }
    return error instanceof CredError ? error.code : 'another error';
  }
  return 'taken';
}

function undecodable(reason: string) {
  return `An error occurred while attempting to decode the Jwt: ${reason}`;
}

const NO_KEY = undecodable('Signed JWT rejected: Another algorithm expected, or no matching key(s) found');

describe('a valid token', () => {
  test('of a client has the client as its actor', async () => {
    expect(await authenticator().authenticate(uaa.token(clientClaims('bosh')))).toEqual({
      actor: 'uaa-client:bosh',
      mechanism: 'uaa',
      displayName: 'bosh',
      hasRequiredScopes: true,
    });
  });

  test('of a user has the user as its actor', async () => {
    expect(await authenticator().authenticate(uaa.token(userClaims('u-1', 'ann')))).toMatchObject({
      actor: 'uaa-user:u-1',
      displayName: 'ann',
    });
  });

  test('needs both scopes', async () => {
    const token = uaa.token({ ...clientClaims('c'), scope: ['credhub.read'] });
    expect(await authenticator().authenticate(token)).toMatchObject({ hasRequiredScopes: false });
  });

  test('without a scope is refused, because authorities are not scopes', async () => {
    const token = uaa.token({ ...clientClaims('c'), scope: undefined });
    expect(await authenticator().authenticate(token)).toMatchObject({ hasRequiredScopes: false });
  });

  test("of another grant is its user's when it names one, else its client's, else nobody's", async () => {
    const actorOf = async (claims: object) => (await authenticator().authenticate(uaa.token({ ...claims }))).actor;
    const user = userClaims('u-1', 'ann');
    const client = clientClaims('c');
    for (const grant_type of ['authorization_code', 'refresh_token', undefined]) {
      expect(await actorOf({ ...user, grant_type })).toBe('uaa-user:u-1');
      expect(await actorOf({ ...client, grant_type })).toBe('uaa-client:c');
      expect(await actorOf({ grant_type })).toBeUndefined();
    }
    expect(await actorOf({ ...user, client_id: 'c', grant_type: 'client_credentials' })).toBe('uaa-client:c');
  });

  test('may have padding after its signature', async () => {
    const token = uaa.token(clientClaims('c'));
    for (const padding of ['=', '==', '===']) {
      const read = bearerToken(`Bearer ${token}${padding}`) ?? '';
      expect(await authenticator().authenticate(read)).toMatchObject({ actor: 'uaa-client:c' });
    }
  });

  test.each(['ES256', 'EdDSA'] as const)('may be signed with %s', async (alg) => {
    expect(await authenticator().authenticate(uaa.token(clientClaims('c'), { alg }))).toMatchObject({
      hasRequiredScopes: true,
    });
    expect(await refusal(() => authenticator().authenticate(uaa.token({}, { alg, kid: 'uaa-key-1' })))).toBe(NO_KEY);
  });

  test('without a kid is tried with every key, and its typ is ignored', async () => {
    const token = uaa.token(clientClaims('c'), { kid: null, typ: 'something' });
    expect(await refusal(() => authenticator().authenticate(token))).toBe('taken');
    const foreign = uaa.token(clientClaims('c'), { kid: null, key: 'stranger' });
    const signature = undecodable('Signed JWT rejected: Invalid signature');
    expect(await refusal(() => authenticator().authenticate(foreign))).toBe(signature);
  });

  test.each([
    ['another audience', () => ({ aud: ['x'] })],
    ['iat ahead', () => ({ iat: seconds() + 3000 })],
    ['exp within the tolerance', () => ({ exp: seconds() - 30, iat: 1 })],
    ['exp with a fraction', () => ({ exp: seconds() + 100.5 })],
    ['nbf within the tolerance', () => ({ nbf: seconds() + 30 })],
  ])('%s is accepted', async (_, claimsNow) => {
    now = Date.now();
    const token = uaa.token({ ...clientClaims('c'), ...claimsNow() });
    expect(await refusal(() => authenticator().authenticate(token))).toBe('taken');
  });
});

describe('an invalid token is refused with the message of CredHub', () => {
  test.each<[string, () => string, string]>([
    ['no JWT', () => 'garbage', undecodable('Malformed token')],
    ['two parts', () => 'a.b', undecodable('Malformed token')],
    ['claim of a wrong kind', () => uaa.token({ exp: 'soon' }), undecodable('Malformed payload')],
    ['scope as text', () => uaa.token({ scope: 'credhub.read credhub.write' }), undecodable('Malformed payload')],
    ['exp beyond all dates', () => uaa.token({ exp: 1e300 }), undecodable('Malformed payload')],
    ['nbf beyond all dates', () => uaa.token({ nbf: 9e15 }), undecodable('Malformed payload')],
    ['no exp', () => uaa.token({ exp: undefined }), undecodable('Malformed payload')],
    ['alg none', () => uaa.token({}, { alg: 'none' }), 'Unsupported algorithm of none'],
    ['HS256 with the public key', () => uaa.token({}, { alg: 'HS256' }), NO_KEY],
    ['another algorithm', () => uaa.token({}, { alg: 'RS512' }), NO_KEY],
    ['another kid', () => uaa.token({}, { kid: 'x' }), NO_KEY],
    ['another key', () => uaa.token({}, { key: 'stranger' }), undecodable('Signed JWT rejected: Invalid signature')],
    ['a character more', () => `${uaa.token()}A`, undecodable('Signed JWT rejected: Invalid signature')],
    ['expired', () => uaa.token({ iat: 1, exp: seconds() - 61 }), 'expired'],
    ['exp before iat', () => uaa.token({ exp: 5, iat: 6 }), undecodable('expiresAt must be after issuedAt')],
    ['exp 0', () => uaa.token({ exp: 0 }), undecodable('expiresAt must be after issuedAt')],
    ['another issuer', () => uaa.token({ iss: 'https://x' }), undecodable('The iss claim is not valid')],
    ['no issuer', () => uaa.token({ iss: undefined }), undecodable('The iss claim is not valid')],
  ])('%s', async (_, token, expected) => {
    now = Date.now();
    expect(await refusal(() => authenticator().authenticate(token()))).toBe(expected);
  });

  test('an nbf in the future is named in the message', async () => {
    const token = uaa.token({ nbf: 4_000_000_000, exp: 4_000_000_100 });
    expect(await refusal(() => authenticator().authenticate(token))).toBe(
      undecodable('Jwt used before 2096-10-02T07:06:40Z'),
    );
  });
});

describe('a cached token', () => {
  test('is refused as soon as it has expired', async () => {
    now = Date.now();
    const bearer = authenticator();
    const token = uaa.token({ ...clientClaims('c'), exp: seconds() + 100 });
    await bearer.authenticate(token);
    now += 161_000;
    expect(await refusal(() => bearer.authenticate(token))).toBe('expired');
  });

  test('is refused after a pause in which its key left the JWKS', async () => {
    now = Date.now();
    const bearer = authenticator();
    const claims = { ...clientClaims('c'), exp: seconds() + 7200 };
    const [seen, unseen] = [uaa.token(claims), uaa.token({ ...claims, client_id: 'd' })];
    await bearer.authenticate(seen);
    uaa.rotate();
    now += 3_600_000;
    expect(await refusal(() => bearer.authenticate(unseen))).toBe(NO_KEY);
    expect(await refusal(() => bearer.authenticate(seen))).toBe(NO_KEY);
  });

  test('is not cached after a revocation during its verification', async () => {
    now = Date.now();
    const keys = createUaaKeys({ url: uaa.url, ca: uaa.ca, clock });
    let revoke = (): void => undefined;
    const source: KeySource = {
      ...keys,
      revoked: () => {
        revoke();
        return false;
      },
      onRevoked: (forget) => {
        revoke = forget;
        return () => undefined;
      },
    };
    const bearer = createBearer({ source, clock });
    const token = uaa.token(clientClaims('c'));
    await bearer.authenticate(token);
    expect(bearer.authenticate(token)).toBeInstanceOf(Promise);
  });

  test('is authenticated synchronously', async () => {
    now = Date.now();
    const bearer = authenticator();
    const token = uaa.token(clientClaims('c'));
    await bearer.authenticate(token);
    expect(bearer.authenticate(token)).not.toBeInstanceOf(Promise);
  });

  test('is evicted when its key leaves the JWKS', async () => {
    now = Date.now();
    const bearer = authenticator();
    const old = uaa.token({ ...clientClaims('c'), exp: seconds() + 3600 });
    await bearer.authenticate(old);
    uaa.rotate();
    now += 10_000;
    expect(await refusal(() => bearer.authenticate(uaa.token(clientClaims('c'))))).toBe('taken');
    expect(await refusal(() => bearer.authenticate(old))).toBe(NO_KEY);
  });
});

describe('while UAA is unavailable', () => {
  test('requests are unavailable before its keys were loaded', async () => {
    now = Date.now();
    const other = await startOutsideUaa();
    const bearer = createBearer({ source: createUaaKeys({ url: other.url, ca: other.ca, clock }), clock });
    const token = other.token(clientClaims('c'));
    await other.stop();
    expect(await refusal(() => bearer.authenticate(token))).toBe('unavailable');
  });

  test('cached keys stay in use', async () => {
    now = Date.now();
    const other = await startOutsideUaa();
    const bearer = createBearer({ source: createUaaKeys({ url: other.url, ca: other.ca, clock }), clock });
    await bearer.authenticate(other.token(clientClaims('c')));
    const second = other.token(clientClaims('d'));
    await other.stop();
    now += 20 * 60_000;
    expect(await refusal(() => bearer.authenticate(second))).toBe('taken');
  });

  test('a token with an unknown key is unavailable, because the key may be new', async () => {
    now = Date.now();
    const other = await startOutsideUaa();
    const bearer = createBearer({ source: createUaaKeys({ url: other.url, ca: other.ca, clock }), clock });
    await bearer.authenticate(other.token(clientClaims('c')));
    other.rotate();
    const token = other.token(clientClaims('c'));
    await other.stop();
    now += 10_000;
    expect(await refusal(() => bearer.authenticate(token))).toBe('unavailable');
    expect(await refusal(() => bearer.authenticate(token))).toBe('unavailable');
  });
});

describe('the Authorization header', () => {
  test.each([
    ['Bearer abc.def.ghi', 'abc.def.ghi'],
    ['bEARER a', 'a'],
    ['Basic abc', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s', (header, token) => expect(bearerToken(header)).toBe(token));

  test.each(['Bearer', 'Bearer ', 'Bearer  a', 'Bearer !!!', 'Bearer a b'])('%s is malformed', async (header) =>
    expect(await refusal(() => bearerToken(header))).toBe('Bearer token is malformed'),
  );
});
