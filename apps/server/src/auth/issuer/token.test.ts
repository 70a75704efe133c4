import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  AUDIT,
  basic,
  bearer,
  call,
  claimsOf,
  directorForm,
  openIssuer,
  PUBLIC_URL,
  passwordForm,
  refreshForm,
  SCOPES,
  type TestIssuer,
  token,
} from './testing.ts';

const BAD_CREDENTIALS = { error: 'unauthorized', error_description: 'Bad credentials' };

describe('POST /uaa/oauth/token', () => {
  let world: TestIssuer;
  let app: ReturnType<TestIssuer['replica']>['app'];
  let userId: string;
  beforeAll(async () => {
    world = await openIssuer();
    app = world.replica().app;
    userId = (await world.addUser('ada', 'lovelace')).id;
    await world.addClient('odd:%+ client', undefined);
    await world.addClient('odd', 'se%41cr+et/=:x');
  });
  afterAll(() => world.close());

  test('200 password: a user logs in through the public client, as the CLI does', async () => {
    const answer = await token(app, passwordForm('ada', 'lovelace'));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.body).toMatchObject({ token_type: 'bearer', expires_in: 599, scope: 'credhub.read credhub.write' });
    expect(answer.body.refresh_token).toMatch(/^[\w-]{43}-r$/);
    const now = Math.floor(world.clock.now().getTime() / 1000);
    expect(claimsOf(answer)).toEqual({
      jti: answer.body.jti,
      sub: userId,
      scope: SCOPES,
      client_id: 'credhub_cli',
      cid: 'credhub_cli',
      azp: 'credhub_cli',
      grant_type: 'password',
      user_id: userId,
      user_name: 'ada',
      origin: 'uaa',
      sid: expect.any(String),
      iat: now,
      iat_ms: world.clock.now().getTime(),
      exp: now + 600,
      iss: `${PUBLIC_URL}/uaa/oauth/token`,
      zid: 'uaa',
      aud: ['credhub_cli', 'credhub'],
    });
  });

  test('200 client_credentials: by form, by Basic as sent, and by Basic form-encoded as Spring and cf-uaa-lib do', async () => {
    const byForm = await token(app, directorForm);
    expect(byForm.status).toBe(200);
    expect(byForm.body).not.toHaveProperty('refresh_token');
    expect(claimsOf(byForm)).toMatchObject({
      client_id: 'director',
      sub: 'director',
      grant_type: 'client_credentials',
      scope: SCOPES,
      authorities: SCOPES,
    });
    expect(claimsOf(byForm)).not.toHaveProperty('user_id');
    const grant = { grant_type: 'client_credentials' };
    expect((await token(app, grant, basic('odd', 'se%41cr+et/=:x'))).status).toBe(200);
    const encoded = encodeURIComponent('se%41cr+et/=:x');
    expect((await token(app, grant, basic('odd', encoded))).status).toBe(200);
    const marked = { ...basic('odd', encoded), 'x-cf-encoded-credentials': 'true' };
    expect((await token(app, grant, marked)).status).toBe(200);
  });

  test('200: the published keys verify the token', async () => {
    const answer = await token(app, directorForm);
    const keys = (await call(app, 'GET', '/uaa/token_keys')).body as unknown as JSONWebKeySet;
    const { payload } = await jwtVerify(String(answer.body.access_token), createLocalJWKSet(keys), {
      algorithms: ['RS256'],
      issuer: `${PUBLIC_URL}/uaa/oauth/token`,
      currentDate: world.clock.now(),
    });
    expect(payload.jti).toBe(answer.body.jti);
  });

  test('200: fewer scopes when fewer are asked for; 400 when none of them is allowed', async () => {
    const fewer = await token(app, { ...directorForm, scope: 'credhub.read' });
    expect(fewer.body.scope).toBe('credhub.read');
    expect((await token(app, { ...directorForm, scope: 'uaa.admin' })).body.error).toBe('invalid_scope');
    const user = await token(app, { ...passwordForm('ada', 'lovelace'), scope: 'uaa.admin' });
    expect([user.status, user.body.error]).toEqual([400, 'invalid_scope']);
  });

  test('401: wrong password, unknown user, impossible user names: the same answer', async () => {
    for (const [name, password] of [
      ['ada', 'wrong'],
      ['nobody', 'lovelace'],
      ['Ada', 'lovelace'],
      ['a\0da', 'lovelace'],
      ['', 'lovelace'],
      ['x'.repeat(5000), 'lovelace'],
      ['ada', ''],
    ] as const) {
      const answer = await token(app, passwordForm(name, password));
      expect([answer.status, answer.body]).toEqual([401, BAD_CREDENTIALS]);
    }
  });

  test('401: wrong secret, unknown client, no client at all, a secret for the public client', async () => {
    const wrong = await token(app, { ...directorForm, client_secret: 'x' });
    const unknown = await token(app, { ...directorForm, client_id: 'nobody' });
    const none = await token(app, { grant_type: 'client_credentials' });
    const secretForPublic = await token(app, { ...passwordForm('ada', 'lovelace'), client_secret: 'x' });
    for (const answer of [wrong, unknown, none, secretForPublic]) {
      expect([answer.status, answer.body]).toEqual([401, BAD_CREDENTIALS]);
    }
    const byBasic = await token(app, { grant_type: 'client_credentials' }, basic('director', 'x'));
    expect([byBasic.status, byBasic.body]).toEqual([401, BAD_CREDENTIALS]);
    expect(byBasic.headers.get('www-authenticate')).toMatch(/^Basic realm="UAA\/client"/);
    expect((await token(app, { grant_type: 'client_credentials' }, { authorization: 'Basic !!!' })).status).toBe(401);
  });

  test('404 in the format of the issuer for a path that leads out of it', async () => {
    expect((await call(app, 'GET', '/uaa/../info')).body.error).toBe('not_found');
    expect((await call(app, 'GET', '/uaa/oauth')).body.error).toBe('not_found');
  });

  test('401 is logged with request id and address and without input', async () => {
    await token(app, passwordForm('typed-name', 'typed-password'));
    expect(world.warnings.at(-1)).toBe('refused {"request_id":"request-1","address":"192.0.2.1"}');
    expect(world.warnings.join()).not.toContain('typed-');
  });

  test('401: a passcode is refused with a reason that the CLI prints', async () => {
    const { username, password, ...rest } = passwordForm('', '');
    const answer = await token(app, { ...rest, passcode: '123456' });
    expect(answer.status).toBe(401);
    expect(answer.body.error).toBe('unauthorized');
    expect(answer.body.error_description).toMatch(/Passcodes are not offered/);
  });

  test('401: a grant that the client may not use; 400: an unsupported grant', async () => {
    const other = await token(app, { ...directorForm, grant_type: 'password', username: 'ada', password: 'lovelace' });
    expect([other.status, other.body.error]).toEqual([401, 'unauthorized_client']);
    const cli = await token(app, { ...passwordForm('ada', 'lovelace'), grant_type: 'client_credentials' });
    expect([cli.status, cli.body.error]).toEqual([401, 'unauthorized_client']);
    for (const grant_type of ['implicit', 'constructor', 'urn:ietf:params:oauth:grant-type:jwt-bearer']) {
      const answer = await token(app, { ...directorForm, grant_type });
      expect([answer.status, answer.body.error]).toEqual([400, 'unsupported_grant_type']);
    }
  });

  test('400: no grant type, a parameter twice, two clients, a missing password', async () => {
    expect((await token(app, {})).body).toEqual({ error: 'invalid_request', error_description: 'Missing grant type' });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const twice = await call(app, 'POST', '/uaa/oauth/token', { body: 'grant_type=password&grant_type=x', headers });
    expect([twice.status, twice.body.error]).toEqual([400, 'invalid_request']);
    const two = await token(app, { ...directorForm, client_id: 'odd' }, basic('director', 'director secret'));
    expect([two.status, two.body.error]).toEqual([400, 'invalid_request']);
    const { password, ...noPassword } = passwordForm('ada', 'lovelace');
    expect((await token(app, noPassword)).status).toBe(400);
  });

  test('405, 413, 415, 404: another method, a huge form, JSON, an unknown path', async () => {
    const got = await call(app, 'GET', '/uaa/oauth/token');
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await token(app, { ...directorForm, padding: 'x'.repeat(70_000) })).status).toBe(413);
    const json = await call(app, 'POST', '/uaa/oauth/token', {
      body: '{}',
      headers: { 'content-type': 'application/json' },
    });
    expect(json.status).toBe(415);
    expect((await call(app, 'GET', '/uaa/Users')).status).toBe(404);
  });

  describe('refresh_token', () => {
    test('200: each is exchanged for the next, and the access token keeps grant_type password', async () => {
      const first = await token(app, passwordForm('ada', 'lovelace'));
      world.clock.forward(700);
      const second = await token(app, refreshForm(first.body.refresh_token));
      expect(second.status).toBe(200);
      expect(second.body.refresh_token).not.toBe(first.body.refresh_token);
      expect(claimsOf(second)).toMatchObject({ grant_type: 'password', user_id: userId, user_name: 'ada' });
      expect(claimsOf(second).sid).toBe(claimsOf(first).sid);
      expect((await token(app, refreshForm(second.body.refresh_token))).status).toBe(200);
    });

    test('200: the same token again while its successor is unused, as the original CLI sends it', async () => {
      const first = await token(app, passwordForm('ada', 'lovelace'));
      for (let command = 0; command < 3; command += 1) {
        world.clock.forward(700);
        expect((await token(app, refreshForm(first.body.refresh_token))).status).toBe(200);
      }
    });

    test('401: a token whose successor was used ends the login, and is logged', async () => {
      const first = await token(app, passwordForm('ada', 'lovelace'));
      const second = await token(app, refreshForm(first.body.refresh_token));
      const third = await token(app, refreshForm(second.body.refresh_token));
      const reused = await token(app, refreshForm(first.body.refresh_token));
      expect([reused.status, reused.body.error]).toEqual([401, 'invalid_token']);
      expect((await token(app, refreshForm(third.body.refresh_token))).status).toBe(401);
      expect(world.warnings.join()).toMatch(/used twice.*"request_id":"request-1"/);
    });

    test('401: using a second successor of one token ends the login', async () => {
      const login = await token(app, passwordForm('ada', 'lovelace'));
      const first = await token(app, refreshForm(login.body.refresh_token));
      const second = await token(app, refreshForm(login.body.refresh_token));
      const living = await token(app, refreshForm(first.body.refresh_token));
      expect(living.status).toBe(200);
      expect((await token(app, refreshForm(second.body.refresh_token))).status).toBe(401);
      expect((await token(app, refreshForm(living.body.refresh_token))).status).toBe(401);
    });

    test('401 invalid_token: nonsense, after thirty days, and after the user is gone', async () => {
      expect((await token(app, refreshForm('x-r'))).body.error).toBe('invalid_token');
      const old = await token(app, passwordForm('ada', 'lovelace'));
      world.clock.forward(31 * 86_400);
      expect((await token(app, refreshForm(old.body.refresh_token))).status).toBe(401);
      const user = await world.addUser('brief', 'secret');
      const login = await token(app, passwordForm('brief', 'secret'));
      const revocation = {
        kind: 'user',
        subject: user.id,
        before: world.clock.now(),
        expiresAt: world.clock.now(),
      } as const;
      await world.accounts.deleteUser(user.id, revocation, AUDIT);
      expect((await token(app, refreshForm(login.body.refresh_token))).status).toBe(401);
      expect((await token(app, passwordForm('brief', 'secret'))).status).toBe(401);
    });

    test('200: a removed scope is dropped', async () => {
      await world.addUser('narrow', 'secret', ['credhub.read']);
      const login = await token(app, passwordForm('narrow', 'secret'));
      expect(login.body.scope).toBe('credhub.read');
      expect((await token(app, refreshForm(login.body.refresh_token))).body.scope).toBe('credhub.read');
    });
  });

  test('check_token and introspect need a confidential client', async () => {
    const login = await token(app, passwordForm('ada', 'lovelace'));
    const ask = (path: string, form: Record<string, string>, headers = basic('director', 'director secret')) =>
      call(app, 'POST', path, { form, headers });
    const good = { token: String(login.body.access_token) };
    expect((await ask('/uaa/check_token', good)).body.user_name).toBe('ada');
    expect((await ask('/uaa/introspect', good)).body).toMatchObject({ active: true, user_name: 'ada' });
    expect((await ask('/uaa/introspect', { token: 'x.y.z' })).body).toEqual({ active: false });
    expect((await ask('/uaa/check_token', { token: 'x.y.z' })).status).toBe(400);
    expect((await ask('/uaa/check_token', good, basic('credhub_cli', ''))).status).toBe(401);
    world.clock.forward(601);
    expect((await ask('/uaa/introspect', good)).body).toEqual({ active: false });
    expect(bearer(login).authorization).toContain('bearer ey');
  });
});

describe('public documents of the issuer', () => {
  let world: TestIssuer;
  let app: ReturnType<TestIssuer['replica']>['app'];
  beforeAll(async () => {
    world = await openIssuer();
    app = world.replica().app;
  });
  afterAll(() => world.close());

  test('info and login contain links and prompts', async () => {
    for (const path of ['/uaa/info', '/uaa/login']) {
      const { status, body } = await call(app, 'GET', path);
      expect(status).toBe(200);
      expect(body.links).toEqual({ uaa: `${PUBLIC_URL}/uaa`, login: `${PUBLIC_URL}/uaa` });
      expect(body.prompts).toEqual({ username: ['text', 'Username'], password: ['password', 'Password'] });
    }
  });

  test('discovery has the issuer of the tokens, at the paths of UAA and OpenID clients', async () => {
    for (const path of ['/uaa/.well-known/openid-configuration', '/uaa/oauth/token/.well-known/openid-configuration']) {
      expect((await call(app, 'GET', path)).body).toMatchObject({
        issuer: `${PUBLIC_URL}/uaa/oauth/token`,
        token_endpoint: `${PUBLIC_URL}/uaa/oauth/token`,
        jwks_uri: `${PUBLIC_URL}/uaa/token_keys`,
      });
    }
  });

  test('token_key is the key that signs, with its PEM; token_keys has it first; neither holds a private part', async () => {
    const one = (await call(app, 'GET', '/uaa/token_key')).body;
    const all = (await call(app, 'GET', '/uaa/token_keys')).body.keys as Record<string, unknown>[];
    expect(all[0]).toEqual(one);
    expect(Object.keys(one).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use', 'value']);
    expect(one.value).toMatch(/^-----BEGIN PUBLIC KEY-----\n/);
  });
});
