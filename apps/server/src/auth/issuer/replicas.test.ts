import { createHmac } from 'node:crypto';
import { secret } from '@credplex/core';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { revocationOf } from './revocations.ts';
import {
  AUDIT,
  bearer,
  call,
  claimsOf,
  directorForm,
  openIssuer,
  passwordForm,
  refreshForm,
  type TestIssuer,
  token,
} from './testing.ts';
import { createVerifiers, generatedVerifier, PUBLIC_CLIENT } from './verifiers.ts';

const DAY = 86_400;
let world: TestIssuer;
const worlds: TestIssuer[] = [];
beforeEach(async () => {
  world = await openIssuer();
  worlds.push(world);
});
afterAll(() => Promise.all(worlds.map((one) => one.close())));

describe('signing keys', () => {
  const kids = async (replica: ReturnType<TestIssuer['replica']>): Promise<string[]> =>
    (await replica.keys.published({ refresh: true })).map(({ kid }) => kid);
  const kidOf = async (replica: ReturnType<TestIssuer['replica']>): Promise<unknown> => {
    const answer = await token(replica.app, directorForm);
    const head = String(answer.body.access_token).split('.')[0] ?? '';
    return JSON.parse(Buffer.from(head, 'base64url').toString()).kid;
  };

  test('replicas that start concurrently sign with one key, sealed in the database', async () => {
    const replicas = [world.replica(), world.replica(), world.replica()];
    const used = await Promise.all(replicas.map(kidOf));
    expect(new Set(used).size).toBe(1);
    const [entry, ...others] = await world.storage.shared.list('issuer/');
    expect(others).toEqual([]);
    expect(Buffer.from(entry?.sealed.bytes ?? []).toString('latin1')).not.toContain('PRIVATE KEY');
  });

  test('a new key is published before it signs, and the old one until its last token has ended', async () => {
    const [one, two] = [world.replica(), world.replica()];
    const old = await kidOf(one);
    world.clock.forward(29 * DAY);
    await one.keys.rotate();
    expect(await kids(one)).toEqual([old]);

    world.clock.forward(DAY - 600);
    await Promise.all([one.keys.rotate(), two.keys.rotate()]);
    expect(await kids(two)).toHaveLength(2);
    expect(await kidOf(one)).toBe(old);

    world.clock.forward(1000);
    const fresh = await kidOf(one);
    expect(fresh).not.toBe(old);
    expect(await kidOf(two)).toBe(fresh);
    expect(await kids(one)).toEqual([fresh, old]);

    world.clock.forward(2 * 3600);
    await two.keys.rotate();
    expect(await kids(one)).toEqual([fresh]);
    expect(one.keys.isPublished(String(old))).toBe(false);
    expect(await world.storage.shared.list('issuer/')).toHaveLength(1);
  });

  test('a replica that missed a rotation loads the key of a token with an unknown kid', async () => {
    const [one, two] = [world.replica(), world.replica()];
    await kidOf(two);
    world.clock.forward(30 * DAY);
    await one.keys.rotate();
    world.clock.forward(1000);
    const fresh = await kidOf(one);
    expect((await two.keys.find(String(fresh)))?.kid).toBe(fresh);
    expect(await two.keys.find('unknown')).toBeUndefined();
  });
});

describe('a signing key that does not open', () => {
  /** Seals an entry as a process would whose encryption key nobody has any more. */
  async function spoil(number: number): Promise<void> {
    await world.storage.sql.slowQuery('update shared_secret set key_id = $1 where name = $2', [
      '6f6c9d5e-4f0a-4b51-8d3c-0a1b2c3d4e5f',
      `issuer/rs256/${String(number).padStart(6, '0')}`,
    ]);
  }
  async function rotated(): Promise<void> {
    const { keys } = world.replica();
    await keys.published();
    world.clock.forward(30 * DAY);
    await keys.rotate();
  }

  test('is skipped with one warning, whatever is asked, and dropped when its last token has ended', async () => {
    await rotated();
    await spoil(1);
    const { keys, app } = world.replica();
    expect(await keys.published()).toHaveLength(1);
    await keys.rotate();
    expect((await token(app, directorForm)).status).toBe(200);
    expect(world.warnings.filter((line) => line.includes('issuer/rs256/000001'))).toHaveLength(1);
    expect(world.warnings.join()).toContain('does not open');
    world.clock.forward(2 * 3600);
    await keys.rotate();
    expect((await world.storage.shared.list('issuer/')).map(({ name }) => name)).toEqual(['issuer/rs256/000002']);
  });

  test('stops the issuer when it is the newest or the only one, and no other key is made', async () => {
    await rotated();
    await spoil(2);
    await expect(world.replica().keys.published()).rejects.toMatchObject({ code: 'encryption_key_missing' });
    await spoil(1);
    await expect(world.replica().keys.rotate()).rejects.toMatchObject({ code: 'encryption_key_missing' });
    expect(await world.storage.shared.list('issuer/')).toHaveLength(2);
  });
});

describe('failed logins', () => {
  const keyNamed = async (kind: string): Promise<string | undefined> => {
    const rows = await world.storage.sql.slowQuery<{ key: string }>('select key from login_throttle');
    return rows.find(({ key }) => key.startsWith(`${kind}:`))?.key;
  };
  const from = (address: string): Record<string, string> => ({ 'x-test-address': address });

  test('are throttled per account and address over all replicas, the right password included', async () => {
    const [one, two] = [world.replica(), world.replica()];
    await world.addUserWithChosenPassword('ada', 'lovelace');
    for (let n = 0; n < 6; n += 1) {
      const { app } = n % 2 === 0 ? one : two;
      expect(
        (await token(app, passwordForm('ada', 'wrong'), from('198.51.100.1'))).headers.get('retry-after'),
      ).toBeNull();
    }
    const blocked = await token(two.app, passwordForm('ada', 'lovelace'), from('198.51.100.1'));
    expect([blocked.status, blocked.headers.get('retry-after')]).toEqual([401, '1']);
    expect(blocked.body.error_description).toMatch(/too many failed attempts/);
    expect((await token(two.app, passwordForm('ada', 'lovelace'), from('198.51.100.2'))).status).toBe(200);

    world.clock.forward(2);
    expect((await token(one.app, passwordForm('ada', 'lovelace'), from('198.51.100.1'))).status).toBe(200);
    expect(
      (await token(one.app, passwordForm('ada', 'wrong'), from('198.51.100.1'))).headers.get('retry-after'),
    ).toBeNull();
  });

  test('are throttled in the same way for clients and for names that do not exist', async () => {
    const { app } = world.replica();
    for (let n = 0; n < 6; n += 1) {
      await token(app, passwordForm('nobody', 'wrong'));
      await token(app, { ...directorForm, client_secret: 'wrong' });
    }
    expect((await token(app, passwordForm('nobody', 'wrong'))).headers.get('retry-after')).toBe('1');
    const wrong = { ...directorForm, client_secret: 'wrong' };
    expect((await token(app, wrong)).headers.get('retry-after')).toBe('1');
  });

  test('concurrent guesses are throttled like sequential ones', async () => {
    const { app } = world.replica();
    await world.addUserWithChosenPassword('ada', 'lovelace');
    const guesses = Array.from({ length: 20 }, (_, n) => token(app, passwordForm('ada', `guess ${n}`)));
    const answers = await Promise.all(guesses);
    expect(answers.filter((one) => one.body.error_description === 'Bad credentials')).toHaveLength(6);
    expect(answers.filter((one) => one.headers.get('retry-after') === '1')).toHaveLength(14);
  });

  test('a secret for the public client does not count as a failed login', async () => {
    const { app } = world.replica();
    await world.addUserWithChosenPassword('ada', 'lovelace');
    for (let n = 0; n < 40; n += 1) await token(app, { ...passwordForm('ada', 'lovelace'), client_secret: 'x' });
    expect((await token(app, passwordForm('ada', 'lovelace'))).status).toBe(200);
  });

  test('a correct generated secret is never throttled', async () => {
    const { app } = world.replica();
    for (let n = 0; n < 7; n += 1) await token(app, { ...directorForm, client_secret: 'wrong' });
    expect((await token(app, directorForm)).status).toBe(200);
  });

  test('failed logins with many names throttle their address and no other', async () => {
    const { app } = world.replica();
    await world.addUserWithChosenPassword('ada', 'lovelace');
    await token(app, passwordForm('somebody', 'wrong'), from('198.51.100.9'));
    const key = (await keyNamed('address')) ?? '';
    await world.storage.sql.slowQuery('update login_throttle set failures = 200 where key = $1', [key]);
    await token(app, passwordForm('somebody else', 'wrong'), from('198.51.100.9'));
    const login = (address: string) => token(app, passwordForm('ada', 'lovelace'), from(address));
    expect((await login('198.51.100.9')).headers.get('retry-after')).toBe('1');
    expect((await login('198.51.100.8')).status).toBe(200);
  });

  test('the table contains no typed names', async () => {
    const { app } = world.replica();
    await token(app, passwordForm('typed-by-mistake', 'wrong'));
    const rows = await world.storage.sql.slowQuery<{ key: string }>('select key from login_throttle');
    expect(rows).toHaveLength(3);
    expect(JSON.stringify(rows)).not.toContain('typed-by-mistake');
  });
});

describe('revocation', () => {
  const revoke = (app: Parameters<typeof call>[0], jti: unknown, headers: Record<string, string>) =>
    call(app, 'DELETE', `/uaa/oauth/token/revoke/${jti}`, { headers });

  test('logout revokes the token, immediately here and after the next poll elsewhere, and its refresh token', async () => {
    const [one, two] = [world.replica(), world.replica()];
    await world.addUser('ada', 'lovelace');
    const login = await token(one.app, passwordForm('ada', 'lovelace'));
    const claims = claimsOf(login);
    const told: string[] = [];
    one.revocations.onChange(() => told.push('one'));
    expect((await revoke(one.app, claims.jti, bearer(login))).status).toBe(200);
    expect(told).toEqual(['one']);
    expect(one.revocations.isRevoked(claims)).toBe(true);
    await two.revocations.refresh();
    expect(two.revocations.isRevoked(claims)).toBe(true);
    expect((await token(two.app, refreshForm(login.body.refresh_token))).status).toBe(401);
    expect((await revoke(two.app, claims.jti, bearer(login))).status).toBe(200);
  });

  test('a reused refresh token revokes the access tokens of its login, immediately here and after the next poll elsewhere', async () => {
    const [one, two] = [world.replica(), world.replica()];
    await world.addUser('ada', 'lovelace');
    const login = await token(one.app, passwordForm('ada', 'lovelace'));
    const other = await token(one.app, passwordForm('ada', 'lovelace'));
    const owner = await token(one.app, refreshForm(login.body.refresh_token));
    const thief = await token(two.app, refreshForm(login.body.refresh_token));
    const next = await token(one.app, refreshForm(owner.body.refresh_token));
    expect((await token(one.app, refreshForm(thief.body.refresh_token))).status).toBe(401);
    const ended = [login, owner, thief, next].map(claimsOf);
    expect(ended.map(one.revocations.isRevoked)).toEqual([true, true, true, true]);
    await two.revocations.refresh();
    expect(ended.map(two.revocations.isRevoked)).toEqual([true, true, true, true]);
    expect(two.revocations.isRevoked(claimsOf(other))).toBe(false);
    expect((await token(two.app, refreshForm(other.body.refresh_token))).status).toBe(200);
  });

  test('logout revokes the access tokens that the login got by refreshing', async () => {
    const { app, revocations } = world.replica();
    await world.addUser('ada', 'lovelace');
    const login = await token(app, passwordForm('ada', 'lovelace'));
    const refreshed = await token(app, refreshForm(login.body.refresh_token));
    expect((await revoke(app, claimsOf(login).jti, bearer(login))).status).toBe(200);
    expect(revocations.isRevoked(claimsOf(refreshed))).toBe(true);
  });

  test('a poll that began before a revocation does not drop it', async () => {
    const { revocations } = world.replica();
    const looking = revocations.refresh();
    await revocations.revokeSession('a session');
    await looking;
    expect(revocations.isRevoked({ sid: 'a session' })).toBe(true);
  });

  test('an expired token may only end its own session', async () => {
    const { app } = world.replica();
    const user = await world.addUser('ada', 'lovelace');
    const login = await token(app, passwordForm('ada', 'lovelace'));
    world.clock.forward(3600);
    expect((await revoke(app, 'another', bearer(login))).status).toBe(401);
    const path = `/uaa/oauth/token/revoke/user/${user.id}`;
    expect((await call(app, 'GET', path, { headers: bearer(login) })).status).toBe(401);
    expect((await revoke(app, claimsOf(login).jti, bearer(login))).status).toBe(200);
    expect((await token(app, refreshForm(login.body.refresh_token))).status).toBe(401);
  });

  test("others' tokens are revoked by uaa.admin only", async () => {
    const { app, revocations } = world.replica();
    const user = await world.addUser('ada', 'lovelace');
    await world.addClient('boss', 'boss secret', { scopes: ['uaa.admin'] });
    const director = await token(app, directorForm);
    const boss = await token(app, { ...directorForm, client_id: 'boss', client_secret: 'boss secret' });
    expect((await revoke(app, 'some-jti', bearer(director))).status).toBe(403);
    const path = `/uaa/oauth/token/revoke/user/${user.id}`;
    expect((await call(app, 'GET', path, { headers: bearer(director) })).status).toBe(403);
    expect((await call(app, 'GET', path, { headers: bearer(boss) })).status).toBe(200);
    expect(revocations.isRevoked({ user_id: user.id, iat_ms: world.clock.now().getTime() })).toBe(true);
    const own = '/uaa/oauth/token/revoke/client/director';
    expect((await call(app, 'GET', own, { headers: bearer(director) })).status).toBe(200);
    expect((await call(app, 'GET', own, { headers: bearer(director) })).status).toBe(401);
  });

  test('an impossible id is 404', async () => {
    const { app } = world.replica();
    await world.addClient('root', 'root secret', { scopes: ['uaa.admin'] });
    const headers = bearer(await token(app, { ...directorForm, client_id: 'root', client_secret: 'root secret' }));
    for (const id of ['%00', 'x'.repeat(300)]) {
      const answers = [
        await call(app, 'DELETE', `/uaa/oauth/token/revoke/${id}`, { headers }),
        await call(app, 'GET', `/uaa/oauth/token/revoke/user/${id}`, { headers }),
        await call(app, 'GET', `/uaa/oauth/token/revoke/client/${id}`, { headers }),
      ];
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
    }
  });

  describe('a change during the check of a secret', () => {
    /** An issuer whose checks of secrets end after `meanwhile`. */
    const slowReplica = (meanwhile: () => Promise<unknown>) => {
      const verifiers = createVerifiers();
      return world.replica({
        ...verifiers,
        check: async (text, verifier) => {
          const right = await verifiers.check(text, verifier);
          if (verifier !== PUBLIC_CLIENT) await meanwhile();
          return right;
        },
        matchesGenerated: () => false,
      });
    };
    const revoked = (kind: 'user' | 'client', subject: string) => revocationOf(kind, subject, world.clock.now());
    const refreshTokens = async (): Promise<number> =>
      (await world.storage.sql.slowQuery('select from refresh_token')).length;

    test('of the password gives no token and no session', async () => {
      const user = await world.addUser('eve', 'old password');
      const before = await refreshTokens();
      const { app } = slowReplica(() =>
        world.accounts.setUserVerifier(
          user.id,
          generatedVerifier(secret('new password')),
          revoked('user', user.id),
          AUDIT,
        ),
      );
      expect((await token(app, passwordForm('eve', 'old password'))).status).toBe(401);
      expect(await refreshTokens()).toBe(before);
      expect((await token(world.replica().app, passwordForm('eve', 'new password'))).status).toBe(200);
    });

    test('that removes the user gives no token', async () => {
      const user = await world.addUser('mallory', 'password');
      const { app } = slowReplica(() => world.accounts.deleteUser(user.id, revoked('user', user.id), AUDIT));
      expect((await token(app, passwordForm('mallory', 'password'))).status).toBe(401);
    });

    test('of the client secret, or that removes the client, gives no token', async () => {
      const form = (id: string) => ({ grant_type: 'client_credentials', client_id: id, client_secret: 'secret' });
      await world.addClient('changed', 'secret');
      const other = generatedVerifier(secret('other'));
      const changing = slowReplica(() =>
        world.accounts.setClientVerifier('changed', other, revoked('client', 'changed'), AUDIT),
      );
      expect((await token(changing.app, form('changed'))).status).toBe(401);
      await world.addClient('removed', 'secret');
      const removing = slowReplica(() => world.accounts.deleteClient('removed', revoked('client', 'removed'), AUDIT));
      expect((await token(removing.app, form('removed'))).status).toBe(401);
    });
  });

  test('a new password revokes earlier tokens and not those of a login immediately after', async () => {
    const { app, revocations } = world.replica();
    const user = await world.addUser('ada', 'lovelace');
    const before = claimsOf(await token(app, passwordForm('ada', 'lovelace')));
    world.clock.forward(0.001);
    const ended = revocationOf('user', user.id, world.clock.now());
    await world.accounts.setUserVerifier(user.id, user.verifier, ended, AUDIT);
    world.clock.forward(0.001);
    const after = claimsOf(await token(app, passwordForm('ada', 'lovelace')));
    await revocations.refresh();
    expect(after.iat).toBe(before.iat);
    expect([revocations.isRevoked(before), revocations.isRevoked(after)]).toEqual([true, false]);
  });

  test('forged tokens revoke nothing: no signature, HS256 with the public key, another issuer, an altered payload', async () => {
    const { app, keys } = world.replica();
    const login = await token(app, directorForm);
    const text = String(login.body.access_token);
    const [head = '', payload = '', signature = ''] = text.split('.');
    const [key] = await keys.published();
    const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const hs = `${encode({ alg: 'HS256', kid: key?.kid })}.${payload}`;
    const other = await keys.sign({}, { ...claimsOf(login), iss: 'https://elsewhere/oauth/token' });
    for (const forged of [
      `${encode({ alg: 'none' })}.${payload}.`,
      `${hs}.${createHmac('sha256', key?.pem ?? '')
        .update(hs)
        .digest('base64url')}`,
      `${head}.${encode({ ...claimsOf(login), scope: ['uaa.admin'] })}.${signature}`,
      other,
      'x',
      '',
    ]) {
      expect((await revoke(app, claimsOf(login).jti, { authorization: `bearer ${forged}` })).status).toBe(401);
    }
    expect((await revoke(app, 'x', {})).status).toBe(401);
  });
});
