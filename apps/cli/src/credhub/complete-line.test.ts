import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { loadDefinitions, renderCompletions } from '@credplex/command-line';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type HttpStub, startHttpStub, type WireAnswer } from '../../test/replay/http-stub.ts';
import type { Host } from '../lib/terminal/host.ts';
import { lineInput } from '../lib/terminal/line-input.ts';
import { completeLine } from './complete-line.ts';
import { credhub } from './program.ts';

const definitions = await loadDefinitions(credhub());
const home = mkdtempSync(join(tmpdir(), 'credhub-complete-'));
const host: Host = {
  env: { HOME: home },
  cwd: home,
  input: lineInput(() => Readable.from([])),
  outIsTerminal: false,
  errIsTerminal: false,
  columns: undefined,
  out: () => undefined,
  err: () => undefined,
};

async function render(line: readonly string[], verbose = false): Promise<string> {
  return renderCompletions(await completeLine(line, definitions, host), verbose);
}

async function words(...line: readonly string[]): Promise<string[]> {
  return (await render(line)).split('\n').filter((word) => word !== '');
}

describe('completion', () => {
  test.each([
    [['re'], ['regenerate']],
    [['get', '--o'], ['--output-json']],
    [
      ['get', '--'],
      [
        '--help',
        '--http-timeout',
        '--id',
        '--key',
        '--name',
        '--output-json',
        '--quiet',
        '--token',
        '--version',
        '--versions',
      ],
    ],
    [['get', '-n', ''], []],
    [['get', '-n', '--o'], []],
    [['get', '-nx', '--o'], ['--output-json']],
    [['get', '--name=x', '--o'], ['--output-json']],
    [['g', '--q'], ['--quiet']],
    [
      ['curl', '-'],
      ['--fail', '--help', '--http-timeout', '--path', '--token', '--version', '-X', '-d', '-i'],
    ],
    [['get', '-jq'], ['-jq']],
    [['get', '-n'], []],
    [['get', '-nx'], []],
    [['get', 'x'], []],
    [
      ['set', '-t', ''],
      ['certificate', 'json', 'password', 'rsa', 'ssh', 'user', 'value'],
    ],
    [['generate', '-t', 'p'], ['password']],
    [['generate', '--type=r'], ['--type=rsa']],
    [['n', '-tu'], ['-tuser']],
    [
      ['generate', '-g', 'k'],
      ['key_agreement', 'key_cert_sign', 'key_encipherment'],
    ],
    [
      ['curl', '-X', 'P'],
      ['PATCH', 'POST', 'PUT'],
    ],
    [
      ['completion', ''],
      ['bash', 'fish', 'zsh'],
    ],
    [['completion', 'bash', ''], []],
    [['bogus', ''], []],
    [['--http-timeout', '3s', 'interp'], ['interpolate']],
  ])('%j gives %j', async (line, expected) => {
    expect(await words(...line)).toEqual(expected);
  });

  test('nothing yet gives every command', async () => {
    expect(await words('')).toContain('set-permission');
    expect(await words()).toContain('set-permission');
  });

  test('verbose adds what each means, when there is a choice', async () => {
    expect(await render(['delete'], true)).toBe(
      'delete             # Delete a credential, or all below a path\ndelete-permission  # Delete what an actor may do at a path\n',
    );
    expect(await render(['re'], true)).toBe('regenerate\n');
  });
});

describe('names of credentials', () => {
  const requests: string[] = [];
  let stub: HttpStub;
  let answer: (target: string) => WireAnswer | Promise<WireAnswer>;
  beforeAll(async () => {
    stub = await startHttpStub(({ method, target }) => {
      requests.push(`${method} ${target}`);
      return answer(target);
    });
  });
  beforeEach(() => {
    requests.length = 0;
    const credentials = ['/a/one', '/b/a/one', '/a/two', '/a/"three"'].map((name) => ({ name }));
    answer = () => ({ status: 200, body: JSON.stringify({ credentials }) });
  });
  afterAll(() => stub.close());
  const logIn = (accessToken: string): void => {
    mkdirSync(join(home, '.credhub'), { recursive: true });
    const url = `http://127.0.0.1:${stub.port}`;
    const config = { ApiURL: url, AuthURL: `${url}/uaa`, AccessToken: accessToken, RefreshToken: 'r' };
    writeFileSync(join(home, '.credhub/config.json'), JSON.stringify(config));
  };

  test.each([
    [
      ['get', '-n', '/a/'],
      ['/a/"three"', '/a/one', '/a/two'],
    ],
    [['regenerate', '--name=/a/o'], ['--name=/a/one']],
    [['delete', '-n/b'], ['-n/b/a/one']],
    [['rotate-ca', '/a/t'], ['/a/two']],
  ])('%j gives those that begin with what was typed: %j', { retry: 3 }, async (line, expected) => {
    logIn('token');
    expect(await words(...line)).toEqual(expected);
    expect(requests).toEqual([expect.stringMatching(/^GET \/api\/v1\/data\?name-like=/)]);
  });

  test('nothing typed asks for all of them', { retry: 3 }, async () => {
    logIn('token');
    expect(await words('get', '-n', '')).toHaveLength(4);
    expect(requests).toEqual(['GET /api/v1/data?path=']);
  });

  test('nobody logged in: no request and no words', async () => {
    logIn('');
    expect(await words('get', '-n', '/a')).toEqual([]);
    expect(requests).toEqual([]);
  });

  test('a server that refuses or answers with anything else has none, and no token is refreshed for it', async () => {
    logIn('token');
    answer = () => ({ status: 401, body: '{"error":"access_token_expired"}' });
    expect(await words('get', '-n', '/a')).toEqual([]);
    answer = () => ({ status: 200, body: '<html>' });
    expect(await words('get', '-n', '/a')).toEqual([]);
    expect(requests.filter((request) => request.startsWith('POST'))).toEqual([]);
  });

  test('a server that never answers is given up', async () => {
    logIn('token');
    answer = () => new Promise(() => undefined);
    expect(await words('get', '-n', '/a')).toEqual([]);
  });

  test('no flag but those for names asks the server', async () => {
    logIn('token');
    expect(await words('set', '-v', '/a')).toEqual([]);
    expect(await words('get', '--id', '/a')).toEqual([]);
    expect(requests).toEqual([]);
  });
});
