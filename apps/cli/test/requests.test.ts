import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { WireAnswer, WireRequest } from './replay/http-stub.ts';
import { runCli } from './replay/run-cli.ts';
import { useStubbedServer } from './support/stubbed-server.ts';

const { server, url, fromEnvironment, lines, run, logIn, configFile, stored } = useStubbedServer();

/** See docs/reference/credhub-cli.md#order-of-requests. */
describe('a command sends these requests, in this order', () => {
  test('find, logged in', async () => {
    await logIn();
    await run(['find']);
    expect(lines()).toEqual(['GET /api/v1/data?path=']);
  });

  test('find, environment only', async () => {
    await run(['find'], fromEnvironment());
    expect(lines()).toEqual(['GET /info', 'POST /uaa/oauth/token', 'GET /api/v1/data?path=']);
  });

  test('set, logged in with a stored version', async () => {
    await logIn();
    await run(['set', '-n', 'x', '-t', 'value', '-v', 'v']);
    expect(lines()).toEqual(['PUT /api/v1/data']);
  });

  test('set, environment only', async () => {
    await run(['set', '-n', 'x', '-t', 'value', '-v', 'v'], fromEnvironment());
    expect(lines()).toEqual(['GET /info', 'POST /uaa/oauth/token', 'GET /info', 'GET /version', 'PUT /api/v1/data']);
  });

  test('login -s', async () => {
    await logIn();
    expect(lines()).toEqual(['GET /info', 'GET /uaa/info', 'POST /uaa/oauth/token', 'GET /info', 'GET /version']);
  });

  test('set-permission, new', async () => {
    await logIn();
    server.override = ({ method, target }) =>
      method === 'GET' && target.startsWith('/api/v2/') ? { status: 404, body: '{"error":"no"}' } : undefined;
    await run(['set-permission', '-a', 'a', '-p', '/b', '-o', 'read , write']);
    expect(lines()).toEqual(['GET /api/v2/permissions?actor=a&path=%2Fb', 'POST /api/v2/permissions']);
    expect(server.log[1]?.body).toBe('{"actor":"a","operations":["read","write"],"path":"/b"}');
  });

  test('--version, environment only', async () => {
    await run(['--version'], fromEnvironment());
    expect(lines()).toEqual(['GET /info', 'GET /info', 'POST /uaa/oauth/token', 'GET /version']);
  });

  test('no /version where /info has one', async () => {
    server.stub.settings = { infoVersion: '1.9.0' };
    await run(['set', '-n', 'x', '-t', 'value', '-v', 'v'], fromEnvironment());
    expect(lines()).toEqual(['GET /info', 'POST /uaa/oauth/token', 'GET /info', 'PUT /api/v1/data']);
    expect(server.log[3]?.body).toContain('"mode":"overwrite"');
  });

  test('generate sends what was given and nothing else', async () => {
    await logIn();
    await run([
      'generate',
      '-n',
      'x',
      '-t',
      'Certificate',
      '-c',
      'cn',
      '-a',
      'a',
      '-g',
      'crl_sign',
      '-d',
      '0',
      '--is-ca',
      '-O',
    ]);
    expect(server.log[0]?.body).toBe(
      '{"name":"x","type":"certificate","parameters":{"common_name":"cn","alternative_names":["a"],"key_usage":["crl_sign"],"is_ca":true},"overwrite":false}',
    );
    await run(['generate', '-n', 'x', '-t', 'user', '-z', 'u', '-l', '5', '-c', 'dropped']);
    expect(JSON.parse(server.log[0]?.body ?? '')).toEqual({
      name: 'x',
      type: 'user',
      value: { username: 'u' },
      parameters: { length: 5 },
      overwrite: true,
    });
  });

  test('every API request carries a content type and the token, and a query as Go encodes it', async () => {
    await logIn();
    await run(['get', '-n', "/a b/ü!'()*~"]);
    expect(lines()).toEqual(['GET /api/v1/data?current=true&name=%2Fa+b%2F%C3%BC%21%27%28%29%2A~']);
    expect(server.log[0]?.headers.get('content-type')).toBe('application/json');
    expect(server.log[0]?.headers.get('authorization')).toMatch(/^Bearer /);
  });
});

describe('an empty CREDHUB_SERVER', () => {
  test('is a target without a host', async () => {
    const found = await run(['find'], { CREDHUB_SERVER: '', CREDHUB_CLIENT: 'cn' });
    expect(found.stderr).toBe('\x1b[1;31mGet "https:///info": http: no Host in request URL\x1b[0m\n');
  });
});

describe('interpolate', () => {
  test('asks for all names first, then once for each that is used', async () => {
    await logIn();
    writeFileSync(join(server.home, 't.yml'), 'a: ((/x))\nb: ((/x))\nc: plain\n');
    server.override = ({ target }) =>
      target.includes('current=true')
        ? { status: 200, body: '{"data":[{"name":"/x","type":"value","value":"v"}]}' }
        : undefined;
    expect((await run(['interpolate', '-f', 't.yml'])).stdout).toBe('a: v\nb: v\nc: plain\n\n');
    expect(lines()).toEqual(['GET /api/v1/data?path=', 'GET /api/v1/data?current=true&name=%2Fx']);
    writeFileSync(join(server.home, 't.yml'), 'c: plain\n');
    await run(['interpolate', '-f', 't.yml']);
    expect(lines()).toEqual(['GET /api/v1/data?path=']);
  });
});

describe('a token that has expired', () => {
  const expired: WireAnswer = { status: 401, body: '{"error":"access_token_expired"}' };

  /** The first login's token is number 1; the stub refuses it from now on. */
  async function expire(): Promise<void> {
    await logIn();
    const first = String(stored().AccessToken);
    server.stub.nextToken = 2;
    server.override = (request) =>
      request.target.startsWith('/api') && request.headers.get('authorization') === `Bearer ${first}`
        ? expired
        : undefined;
  }

  test('is refreshed once, the request repeated, and the new tokens stored', async () => {
    await expire();
    expect((await run(['find'])).exit).toBe(0);
    expect(lines()).toEqual(['GET /api/v1/data?path=', 'POST /uaa/oauth/token', 'GET /api/v1/data?path=']);
    expect(stored()).toMatchObject({ RefreshToken: 'refresh-2', ServerVersion: '2.9.9' });
    await run(['find']);
    expect(lines()).toEqual(['GET /api/v1/data?path=']);
  });

  test('is refreshed once for several requests at once', async () => {
    await expire();
    const names = Array.from({ length: 20 }, (_, index) => `/x${index}`);
    const rejectOld = server.override;
    server.override = (request) => {
      const refused = rejectOld?.(request);
      if (refused !== undefined) return request.target.includes('path=') ? listing(names) : refused;
      if (request.target.includes('path=')) return listing(names);
      if (request.target.startsWith('/api'))
        return { status: 200, body: '{"data":[{"name":"n","type":"value","value":"v"}]}' };
      return undefined;
    };
    expect((await run(['export'])).exit).toBe(0);
    expect(lines().filter((line) => line === 'POST /uaa/oauth/token')).toHaveLength(1);
  });

  test('is refreshed once by twenty commands at once, which use what the first one stored', async () => {
    await expire();
    server.log = [];
    const setting = { env: { HOME: server.home }, cwd: server.home };
    const runs = await Promise.all(Array.from({ length: 20 }, () => runCli(['find'], setting)));
    expect(runs.map(({ exit }) => exit)).toEqual(runs.map(() => 0));
    expect(lines().filter((line) => line === 'POST /uaa/oauth/token')).toHaveLength(1);
    expect(stored()).toMatchObject({ RefreshToken: 'refresh-2' });
  });

  test('is not refreshed after another command has logged out', async () => {
    await expire();
    const rejectOld = server.override;
    server.override = (request) => {
      if (request.target.startsWith('/api'))
        writeFileSync(configFile(), JSON.stringify({ ...stored(), AccessToken: 'revoked', RefreshToken: 'revoked' }));
      return rejectOld?.(request);
    };
    expect((await run(['find'])).stderr).toContain('You are not currently authenticated');
    expect(lines()).toEqual(['GET /api/v1/data?path=']);
  });

  test('of the environment is fetched anew, and the stored login stays as it is', async () => {
    await logIn();
    const before = readFileSync(configFile(), 'utf8');
    let refused = false;
    server.override = ({ target }) => {
      if (!target.startsWith('/api') || refused) return undefined;
      refused = true;
      return expired;
    };
    const found = await run(['find'], fromEnvironment());
    expect(found).toMatchObject({ exit: 0, stderr: expect.stringContaining('Two different login methods') });
    expect(readFileSync(configFile(), 'utf8')).toBe(before);
  });

  test('and cannot be refreshed ends an import with that message, and says what was set', async () => {
    await logIn();
    writeFileSync(
      join(server.home, 'f.yml'),
      'credentials:\n- {name: a, type: value, value: x}\n- {name: b, type: value, value: x}\n',
    );
    let sets = 0;
    server.override = ({ method, target }) => {
      if (method === 'PUT') return ++sets > 1 ? expired : undefined;
      return target === '/uaa/oauth/token' ? { status: 401, body: '{"error":"invalid_token"}' } : undefined;
    };
    const imported = await run(['import', '-f', 'f.yml']);
    expect(imported).toMatchObject({ exit: 1, stdout: '' });
    expect(imported.stderr).toBe(
      '1 of 2 credentials were set. Repeat the import with --resume to set the rest.\n\x1b[1;31mYou are not currently authenticated. Please log in to continue.\x1b[0m\n',
    );
    server.override = undefined;
    expect((await run(['import', '-f', 'f.yml', '--resume'])).stdout).toContain('Successfully set: 2\n');
    expect(lines()).toEqual(['PUT /api/v1/data']);
  });
});

function listing(names: readonly string[]): WireAnswer {
  return {
    status: 200,
    body: JSON.stringify({ credentials: names.map((name) => ({ name, version_created_at: 't' })) }),
  };
}

describe('many requests at once look like one by one', () => {
  test('export keeps the order of the list, and a read that fails ends it with nothing written', async () => {
    await logIn();
    const names = Array.from({ length: 30 }, (_, index) => `/x${index}`);
    let open = 0;
    let most = 0;
    const answer = async (request: WireRequest): Promise<WireAnswer> => {
      most = Math.max(most, ++open);
      await Promise.resolve();
      open--;
      const name = new URL(request.target, url()).searchParams.get('name');
      return { status: 200, body: JSON.stringify({ data: [{ name, type: 'value', value: name }] }) };
    };
    server.override = (request) => {
      if (request.target.includes('path=')) return listing(names);
      if (request.target.startsWith('/api')) return answer(request);
      return undefined;
    };
    const exported = await run(['export', '-j']);
    expect(JSON.parse(exported.stdout).Credentials.map(({ Name }: { Name: string }) => Name)).toEqual(names);
    expect(most).toBeLessThanOrEqual(8);
    server.override = (request) => {
      if (request.target.includes('path=')) return listing(names);
      if (request.target.includes('x7')) return { status: 403, body: '{"error":"not yours"}' };
      return request.target.startsWith('/api') ? answer(request) : undefined;
    };
    const failed = await run(['export', '-f', 'out.yml']);
    expect(failed).toEqual({ stdout: '', stderr: '\x1b[1;31mnot yours\x1b[0m\n', exit: 1 });
    expect(existsSync(join(server.home, 'out.yml'))).toBe(false);
  });

  test('delete by path counts in order and lists what failed', async () => {
    await logIn();
    const names = ['/p/a', '/p/b', '/p/c'];
    server.override = ({ method, target }) => {
      if (target.includes('path=')) return listing(names);
      if (method !== 'DELETE') return undefined;
      return target.includes('b') ? { status: 403, body: '{"error":"not yours"}' } : { status: 204, body: '' };
    };
    expect(await run(['delete', '-p', '/p'])).toEqual({
      stdout:
        '\x1b[2K\r1 out of 3 credentials under the provided path are successfully deleted.\n\x1b[2K\r2 out of 3 credentials under the provided path are successfully deleted.\n',
      stderr:
        '1 out of 3 credentials under the provided path failed to delete. The following credentials failed to delete:\n- name: /p/b\n  err: not yours\n\x1b[1;31mSome or all of the credential under the provided path could not be deleted. Please refer to the error output.\x1b[0m\n',
      exit: 1,
    });
    expect((await run(['delete', '-q', '-p', '/p'])).stdout).toBe(
      '2 out of 3 credentials under the provided path are successfully deleted.\n',
    );
  });
});

describe('the configuration file', () => {
  test('is readable by its owner alone, and its fields are read in any case', async () => {
    await logIn();
    expect(statSync(configFile()).mode & 0o777).toBe(0o600);
    const fields = Object.entries(stored()).map(([name, value]) => [name.toUpperCase(), value]);
    writeFileSync(configFile(), JSON.stringify(Object.fromEntries(fields)));
    expect((await run(['find'])).exit).toBe(0);
  });

  test('keeps a time limit that api was given, in nanoseconds', async () => {
    await run(['api', url(), '--http-timeout', '1m30s']);
    expect(stored().HttpTimeout).toBe(90_000_000_000);
  });

  test.each(['0', '-5s'])('a time limit of %s is none', async (limit) => {
    expect((await run(['api', url(), `--http-timeout=${limit}`])).exit).toBe(0);
  });

  test('a login that the server refuses forgets no working target', async () => {
    await logIn();
    const before = readFileSync(configFile(), 'utf8');
    server.override = ({ target }) =>
      target === '/uaa/oauth/token' ? { status: 401, body: '{"error":"unauthorized"}' } : undefined;
    expect((await run(['login', '-s', url(), '-u', 'me', '-p', 'wrong'])).stderr).toContain('UAA error: unauthorized');
    expect(readFileSync(configFile(), 'utf8')).toBe(before);
  });

  test('a malformed one is an empty one', async () => {
    mkdirSync(join(server.home, '.credhub'));
    for (const text of ['', '[]', '{"ApiURL":5}', 'null']) {
      writeFileSync(configFile(), text);
      expect((await run(['find'])).stderr).toContain('An API target is not set.');
    }
  });
});

describe('what the server says goes wrong', () => {
  test.each([
    [404, '{"error":"gone","error_description":"why"}', 'gone'],
    [400, '{"error":"bad","error_description":"why"}', 'bad: why'],
    [400, '{"error":"bad","error_description":""}', 'bad'],
    [500, '{}', ''],
    [404, '{"error":"gone"} and more', 'gone'],
    [500, '', 'The response body could not be decoded: EOF'],
    [500, '{"error"', 'The response body could not be decoded: unexpected EOF'],
    [
      500,
      '[]',
      'The response body could not be decoded: json: cannot unmarshal array into Go value of type credhub.Error',
    ],
    [
      500,
      '{"error":1}',
      'The response body could not be decoded: json: cannot unmarshal number into Go struct field Error.error of type string',
    ],
    [200, '', 'The response body could not be decoded: EOF'],
    [200, 'null', 'response did not contain any credentials'],
    [502, '<html>', "The response body could not be decoded: invalid character '<' looking for beginning of value"],
  ])('%d %s is %j', async (status, body, message) => {
    await logIn();
    server.override = ({ target }) => (target.startsWith('/api') ? { status, body } : undefined);
    expect(await run(['get', '-n', 'x'])).toEqual({ stdout: '', stderr: `\x1b[1;31m${message}\x1b[0m\n`, exit: 1 });
  });

  test('no credentials where some are needed', async () => {
    await logIn();
    server.override = ({ target }) => (target.startsWith('/api') ? { status: 200, body: '{"data":[]}' } : undefined);
    expect((await run(['get', '-n', 'x'])).stderr).toContain('response did not contain any credentials');
  });
});

describe('CREDHUB_DEBUG', () => {
  test('shows requests and answers of the API before the output, without the token', async () => {
    await logIn();
    const { stdout } = await run(['find'], { CREDHUB_DEBUG: 'true' });
    const token = String(stored().AccessToken);
    expect(stdout).toMatch(
      /^\[DEBUG\] GET \/api\/v1\/data\?path= HTTP\/1\.1\r\nHost: 127\.0\.0\.1:\d+\r\nContent-Type: application\/json\r\n\r\n\n\[DEBUG\] HTTP\/1\.1 200/,
    );
    expect(stdout).toContain('credentials:\n');
    expect(stdout).not.toContain(token);
    expect((await run(['find'], { CREDHUB_DEBUG: '1' })).stdout).not.toContain('DEBUG');
  });
});

describe('order of checks', () => {
  test('the target comes before a missing name and before superfluous words', async () => {
    expect((await run(['get'])).stderr).toContain('An API target is not set.');
    expect((await run(['get', 'x', 'y'])).stderr).toContain('An API target is not set.');
    await logIn();
    expect((await run(['get', 'x'])).stderr).toMatch(/^Usage:\n {2}credhub \[OPTIONS\] get/);
    expect(lines()).toEqual([]);
  });
});
