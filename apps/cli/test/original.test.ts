import { describe, expect, test } from 'vitest';
import { givenCliStub } from './support/cli-stub.ts';

const given = givenCliStub();
function red(message: string): string {
  return `\x1b[1;31m${message}\x1b[0m\n`;
}

function bodyOf(): Record<string, unknown> {
  return JSON.parse(given.log.at(-1)?.body ?? '');
}

describe('--metadata {} and null store none', () => {
  test.each(['{}', ' {} ', 'null'])('%j', async (metadata) => {
    await given.logIn();
    for (const line of [
      ['set', '-n', 'x', '-t', 'value', '-v', 'v'],
      ['generate', '-n', 'x', '-t', 'password'],
      ['regenerate', '-n', 'x'],
    ]) {
      expect((await given.run([...line, '--metadata', metadata])).exit).toBe(0);
      expect(given.log).toHaveLength(1);
      expect(bodyOf()).not.toHaveProperty('metadata');
    }
  });

  test.each(['[]', '1', '"x"', 'false', ''])('%j is no object, or not given', async (metadata) => {
    await given.logIn();
    const ran = await given.run(['set', '-n', 'x', '-t', 'value', '-v', 'v', `--metadata=${metadata}`]);
    expect(ran.exit).toBe(metadata === '' ? 0 : 1);
  });
});

describe('interpolate names the variable before every error', () => {
  const listing = { status: 200, body: '{"credentials":[{"name":"/p/x","version_created_at":"t"}]}' };

  test.each([
    ['a: ((/p/x))', '/p/x'],
    ['a: before ((/p/x.field)) after', '/p/x.field'],
    ['a: ((!x))', 'x'],
    ['((x)): key', 'x'],
    ['variables:\n- {name: /p/x, type: password}\n', '/p/x'],
  ])('%j', async (template, name) => {
    await given.logIn();
    given.file('t.yml', template);
    const ask = async (status: number, body: string): Promise<string> => {
      given.override = ({ target }) => {
        if (target.includes('path=')) return listing;
        return target.startsWith('/api') ? { status, body } : undefined;
      };
      const ran = await given.run(['interpolate', '-f', 't.yml', '-p', 'p']);
      expect(ran).toMatchObject({ stdout: '', exit: 1 });
      return ran.stderr;
    };
    expect(await ask(404, '{"error":"It is gone."}')).toBe(red(`Finding variable '${name}': It is gone.`));
    expect(await ask(200, '{"data":[]}')).toBe(
      red(`Finding variable '${name}': response did not contain any credentials`),
    );
    expect(await ask(502, '')).toContain(`Finding variable '${name}': The response body could not be decoded: `);
  });
});

describe('an answer of the authorization server that is no JSON', () => {
  test.each([
    [200, '', 'EOF'],
    [401, '', 'EOF'],
    [200, '{"access_token":"x', 'unexpected EOF'],
    [200, '<html>', "invalid character '<' looking for beginning of value"],
  ])('%i %j is UAA error: %s', async (status, body, message) => {
    given.override = ({ target }) => (target === '/uaa/oauth/token' ? { status, body } : undefined);
    for (const method of [
      ['-u', 'me', '-p', 'pw'],
      ['--client-name', 'c', '--client-secret', 's'],
      ['--sso-passcode', 'p'],
    ]) {
      expect(await given.run(['login', '-s', given.url, ...method])).toEqual({
        stdout: '',
        stderr: red(`UAA error: ${message}`),
        exit: 1,
      });
    }
  });

  test('that should tell the prompt of --sso', async () => {
    const infos: string[] = [];
    given.override = ({ target }) => {
      if (target !== '/uaa/info') return undefined;
      infos.push(target);
      return { status: 200, body: '' };
    };
    expect((await given.run(['login', '-s', given.url, '--sso'])).stderr).toBe(red('UAA error: EOF'));
    expect(infos).toHaveLength(2);
  });
});

test('--http-timeout takes a negative duration, which is no limit and is stored', async () => {
  expect((await given.run(['api', given.url, '--http-timeout', '-5s'])).exit).toBe(0);
  expect(given.config().HttpTimeout).toBe(-5_000_000_000);
  await given.logIn();
  expect((await given.run(['find', '--http-timeout', '-1ns'])).exit).toBe(0);
  expect((await given.run(['find', '--http-timeout', '-5'])).stderr).toContain('time: missing unit in duration "-5"');
  expect((await given.run(['find', '--http-timeout', '-s'])).stderr).toContain('but got option `-s');
});

test('curl sends the method in the letters of the line', async () => {
  await given.logIn();
  for (const method of ['get', 'pOST', 'DELETE', 'x-Odd']) {
    await given.run(['curl', '-X', method, '-p', '/info', '-d', '{"a":1}']);
    expect(given.log[0]).toMatchObject({ method, body: '{"a":1}' });
    await given.run(['curl', '-X', method, '-p', '/info']);
    expect(given.log[0]).toMatchObject({ method, body: '' });
  }
});

test('import sends an infinite number as the text of a plain value, and as nothing else', async () => {
  await given.logIn();
  given.file(
    'f.yml',
    `credentials:
- {name: /a, type: value, value: .inf}
- {value: -.INF, type: value, name: /b}
- {name: /c, type: value, value: .NaN}
- {name: /d, type: password, value: .inf}
- {name: /e, type: json, value: {a: [-.inf]}}
- {name: /f, type: value, value: v, metadata: {a: .nan}}
`,
  );
  const ran = await given.run(['import', '-f', 'f.yml']);
  expect(given.log.map(({ body }) => JSON.parse(body).value)).toEqual(['+Inf', '-Inf', 'NaN']);
  const failed = (name: string, index: number, number: string): string =>
    ` - Credential '${name}' at index ${index} could not be set: json: unsupported value: ${number}\n`;
  expect(ran.stdout).toContain(
    `Failed to set: 3\n${failed('/d', 3, '+Inf')}${failed('/e', 4, '-Inf')}${failed('/f', 5, 'NaN')}`,
  );
});

describe('a configuration with one field of a wrong kind', () => {
  const broken = (change: Readonly<Record<string, unknown>>): void =>
    given.file('.credhub/config.json', JSON.stringify({ ...given.config(), ...change }));

  test.each([
    ['InsecureSkipVerify', 'yes'],
    ['ServerVersion', 2],
    ['CaCerts', 'text'],
    ['CaCerts', { a: 1 }],
    ['RefreshToken', []],
    ['HttpTimeout', '30s'],
    ['HttpTimeout', 1.5],
    ['Unknown', {}],
  ])('%s: %j leaves the other fields as they are', async (name, value) => {
    await given.logIn();
    broken({ [name]: value });
    expect((await given.run(['find'])).exit).toBe(0);
    expect(given.log.map(({ target }) => target)).toEqual(['/api/v1/data?path=']);
  });

  test('a token that is no text is no token, a certificate that is none is no certificate', async () => {
    await given.logIn();
    broken({ CaCerts: [1] });
    expect((await given.run(['find'])).stderr).toBe(red('provided ca certs are invalid'));
    broken({ AccessToken: 7 });
    expect((await given.run(['find'])).stderr).toContain('You are not currently authenticated.');
    given.file('.credhub/config.json', '{"ApiURL":"x"');
    expect((await given.run(['find'])).stderr).toContain('An API target is not set.');
  });
});

describe('bytes that are not UTF-8 text are refused, and nothing is sent', () => {
  const WRONG = Buffer.from([0x2d, 0x2d, 0xff, 0x0a]);

  test.each([
    [['set', '-n', 'x', '-t', 'certificate', '--certificate', 'f']],
    [['set', '-n', 'x', '-t', 'certificate', '--root', 'f', '--private', 'f']],
    [['set', '-n', 'x', '-t', 'rsa', '--public', 'f']],
    [['import', '-f', 'f']],
    [['import', '-j', '-f', 'f']],
  ])('%j', async (line) => {
    await given.logIn();
    given.file('f', WRONG);
    const ran = await given.run(line);
    expect(ran).toMatchObject({ stdout: '', exit: 1 });
    expect(ran.stderr).toMatch(/offset 2/);
    expect(given.log).toEqual([]);
  });

  test('a template', async () => {
    await given.logIn();
    given.file('f', WRONG);
    const ran = await given.run(['interpolate', '-f', 'f']);
    expect(ran).toMatchObject({ stdout: '', exit: 1 });
    expect(ran.stderr).toBe(red('yaml: invalid leading UTF-8 octet (line 1, offset 2)'));
  });
});
