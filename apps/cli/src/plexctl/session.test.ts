import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ADA, givenPlexctl, token, tokenId } from '../../test/support/plexctl-given.ts';
import { problem, startStub } from '../../test/support/plexsphere-stub.ts';

const given = givenPlexctl();

describe('login', () => {
  test('checks the token with whoami and stores server and token, readable by nobody else', async () => {
    given.file('token', `${token}\n`);
    const ran = await given.plexctl(`login --server ${given.stub.url}/ --token-file token`);
    expect(ran).toEqual({
      code: 0,
      stdout: `PRINCIPAL  SUBJECT${' '.repeat(29)}  DOMAIN  ACR  AMR\nuser       ${ADA}  -       -    pwd,otp\n`,
      stderr: `Logged in to ${given.stub.url} as user:${ADA} (profile 'default').\n`,
    });
    expect(given.stub.seen.map(({ method, url, headers }) => [method, url, headers.authorization])).toEqual([
      ['GET', '/v1/auth/whoami', `Bearer ${token}`],
    ]);
    expect(given.stored()).toEqual({
      default: 'default',
      profiles: { default: { server: given.stub.url, token, given: true } },
    });
    expect(statSync(given.config).mode & 0o777).toBe(0o600);
    expect(statSync(join(given.home, '.config/plexctl')).mode & 0o777).toBe(0o700);
  });

  test('reads the token from stdin, and keeps the certificates of --ca-cert in the profile', async () => {
    const pem = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n';
    given.file('ca.pem', pem);
    const line = `login --server ${given.stub.url} --token-file - --ca-cert ca.pem --profile-name staging`;
    expect((await given.plexctl(line, { stdin: `${token}\n` })).code).toBe(0);
    expect(given.stored()).toEqual({
      default: 'staging',
      profiles: { staging: { server: given.stub.url, token, ca_cert: pem, given: true } },
    });
  });

  test('a refused token is not stored', async () => {
    given.stub.answers.set('GET /v1/auth/whoami', problem(401, 'unauthenticated', 'The token is not valid.'));
    given.file('token', token);
    const ran = await given.plexctl(`login --server ${given.stub.url} --token-file token`);
    expect(ran.code).toBe(3);
    expect(ran.stderr).toContain('unauthenticated: The token is not valid.');
    expect(() => given.stored()).toThrow('ENOENT');
  });

  test('the first profile is the default and stays it', async () => {
    await given.logIn();
    expect((await given.plexctl(`login --server ${given.stub.url} --token-file token --profile-name other`)).code).toBe(
      0,
    );
    expect(given.stored().default).toBe('default');
    expect(Object.keys(given.stored().profiles)).toEqual(['default', 'other']);
  });

  test.each([
    ['login --token-file t', 'No server is known'],
    ['login --server https://x.example', '--token-file FILE is required'],
    ['login --server ftp://x.example --token-file t', 'The server must be a URL'],
    ['login --server https://u:p@x.example --token-file t', 'The server must be a URL'],
    [
      'login --server https://x.example --token-file missing',
      "The file 'missing' with the token can't be read (ENOENT)",
    ],
    ['login --server https://x.example --token-file empty', 'The token is empty'],
    ['login --server https://x.example --token-file odd', 'characters that no token has'],
    ['login --server https://x.example --token-file t --profile-name ../x', 'A profile name has'],
    ['login --server https://x.example --token-file t --ca-cert t', 'no PEM certificate'],
  ])('%s: exit 2', async (line, message) => {
    given.file('t', token);
    given.file('empty', ' \n');
    given.file('odd', 'a\r\nX-Header: b');
    const ran = await given.plexctl(line);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain(message);
    expect(ran.stderr).not.toContain(token);
  });

  test('a token file that others may read is told about', async () => {
    given.file('token', token, 0o644);
    expect((await given.plexctl(`login --server ${given.stub.url} --token-file token`)).stderr).toContain(
      "other users may read 'token'",
    );
  });
});

describe('whom a command talks to, and as whom', () => {
  test('flag before environment before profile', async () => {
    await given.logIn();
    given.file('flag-token', 'from-flag');
    const env = { PLEXSPHERE_URL: given.stub.url, PLEXSPHERE_TOKEN: 'from-env' };
    await given.plexctl('whoami');
    await given.plexctl('whoami', { env });
    await given.plexctl('whoami --token-file flag-token', {
      env: { ...env, PLEXSPHERE_URL: 'https://nowhere.invalid' },
    });
    await given.plexctl(`--server ${given.stub.url} whoami --token-file flag-token`, {
      env: { PLEXSPHERE_URL: 'https://nowhere.invalid' },
    });
    expect(given.stub.seen.map(({ headers }) => headers.authorization)).toEqual([
      `Bearer ${token}`,
      'Bearer from-env',
      'Bearer from-flag',
    ]);
  });

  test('a stored token is never sent to another server', async () => {
    await given.logIn();
    const other = await startStub();
    const ran = await given.plexctl(`whoami --server ${other.url}`);
    expect(ran.code).toBe(3);
    expect(ran.stderr).toContain(`The stored login is for ${given.stub.url}.`);
    expect(other.seen).toEqual([]);
    await other[Symbol.asyncDispose]();
  });

  test('without a login: exit 3; with a profile that does not exist: exit 2', async () => {
    expect(await given.plexctl(`whoami --server ${given.stub.url}`)).toMatchObject({ code: 3, stdout: '' });
    expect(await given.plexctl('whoami --profile nope')).toMatchObject({ code: 2 });
  });

  test('a damaged configuration is named, not overwritten', async () => {
    given.writeConfig('{"profiles":{"default":{"token":"t"}}}');
    const ran = await given.plexctl('whoami');
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain(`The configuration ${given.config} is damaged.`);
  });

  test('a server that does not answer, or not with JSON: exit 1', async () => {
    await given.logIn();
    given.stub.answers.set('GET /v1/auth/whoami', { status: 200, raw: '<html>' });
    expect((await given.plexctl('whoami')).code).toBe(1);
    const gone = await given.plexctl('whoami --server http://127.0.0.1:1', { env: { PLEXSPHERE_TOKEN: 't' } });
    expect(gone.code).toBe(1);
    expect(gone.stderr).toContain('connection refused');
  });
});

describe('logout', () => {
  /** A login that made its token itself; only those that were given one are marked. */
  const ownLogin = (): void =>
    given.writeConfig(JSON.stringify({ default: 'default', profiles: { default: { server: given.stub.url, token } } }));

  test.each(['token', '-'])(
    'forgets the profile and leaves a token valid that login was given (--token-file %s)',
    async (file) => {
      given.file('token', token);
      await given.plexctl(`login --server ${given.stub.url} --token-file ${file}`, { stdin: token });
      given.stub.seen.length = 0;
      expect(await given.plexctl('logout')).toEqual({
        code: 0,
        stdout: '',
        stderr: "Logged out (profile 'default'). Its token was given to login and stays valid.\n",
      });
      expect(given.stub.seen).toEqual([]);
      expect(given.stored()).toEqual({ default: '', profiles: {} });
    },
  );

  test.each([204, 401, 404])(
    'revokes a token that login made itself and forgets the profile, also when it is gone already (%i)',
    async (status) => {
      ownLogin();
      given.stub.answers.set(
        `DELETE /v1/auth/tokens/${tokenId}`,
        status === 204 ? { status } : problem(status, 'x', 'y'),
      );
      const env = { PLEXSPHERE_TOKEN: 'other', PLEXSPHERE_URL: 'https://nowhere.invalid' };
      expect((await given.plexctl('logout', { env })).code).toBe(0);
      expect(given.stub.seen.map(({ method, url, headers }) => [method, url, headers.authorization])).toEqual([
        ['DELETE', `/v1/auth/tokens/${tokenId}`, `Bearer ${token}`],
      ]);
      expect(given.stored()).toEqual({ default: '', profiles: {} });
    },
  );

  test('keeps the profile when the server fails', async () => {
    ownLogin();
    given.stub.answers.set(`DELETE /v1/auth/tokens/${tokenId}`, problem(503, 'datastore_unavailable', 'Later.'));
    expect((await given.plexctl('logout')).code).toBe(1);
    expect(given.stored().profiles).toHaveProperty('default');
  });

  test('without a login: a note and exit 0', async () => {
    expect(await given.plexctl('logout')).toEqual({ code: 0, stdout: '', stderr: 'There is no login to end.\n' });
  });
});
