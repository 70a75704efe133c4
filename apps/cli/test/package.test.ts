import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HttpStub, startHttpStub } from './replay/http-stub.ts';

interface Ended {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

const PACKAGE = new URL('..', import.meta.url).pathname;
const BINS = new URL('../../../node_modules/.bin', import.meta.url).pathname;

let folder: string;
let stub: HttpStub;

/** The programs as a user has them: only Node on the path, and nothing of this repository. */
function run(file: string, words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const surroundings = { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, HOME: folder, ...env };
    execFile(file, [...words], { cwd: folder, env: surroundings }, (error, stdout, stderr) => {
      resolve({ exit: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, stdout, stderr });
    });
  });
}

function bin(name: string): string {
  return join(folder, 'installed', 'bin', name);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'credhub-package-'));
  const tools = { PATH: `${BINS}:${process.env.PATH}` };
  const packed = await run('sh', ['-c', `cd '${PACKAGE}' && pnpm pack --pack-destination '${folder}'`], tools);
  expect(packed.stderr + packed.stdout).toContain('.tgz');
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
  const options = ['--prefix', join(folder, 'installed'), '--offline', '--no-audit', '--no-fund'];
  const installed = await run('npm', ['install', '-g', ...options, join(folder, tarball)], tools);
  expect(installed).toMatchObject({ exit: 0 });
  stub = await startHttpStub(({ target }) => {
    if (target.startsWith('/api'))
      return { status: 200, body: '{"data":[{"id":"i","name":"/x","type":"value","value":"v"}]}' };
    if (target === '/version') return { status: 200, body: '{"version":"2.15.20"}' };
    if (target === '/uaa/oauth/token') return { status: 200, body: '{"access_token":"a.b.c","refresh_token":"r"}' };
    return { status: 200, body: `{"auth-server":{"url":"http://127.0.0.1:${stub.port}/uaa"}}` };
  });
}, 180_000);
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await stub?.close();
});

describe('the packed tarball, installed into an empty folder', () => {
  test('has no dependencies, and carries none', () => {
    const root = join(realpathSync(bin('credhub')), '../..');
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(manifest.dependencies ?? {}).toEqual({});
    expect(readdirSync(root).sort()).toEqual(expect.arrayContaining(['bin', 'dist', 'package.json']));
    expect(readdirSync(root)).not.toContain('node_modules');
  });

  test('credhub logs in, reads, and says its version', async () => {
    const login = await run(bin('credhub'), ['login', '-s', `http://127.0.0.1:${stub.port}`, '-u', 'a', '-p', 'b']);
    expect(login).toMatchObject({ exit: 0, stdout: expect.stringContaining('Login Successful\n') });
    expect(await run(bin('credhub'), ['get', '-n', '/x', '-q'])).toEqual({ exit: 0, stdout: 'v\n', stderr: '' });
    const { version } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8'));
    expect((await run(bin('credhub'), ['--version'])).stdout).toBe(
      `CLI Version: ${version}\nServer Version: 2.15.20\n`,
    );
    expect(await run(bin('credhub'), ['--help'])).toMatchObject({
      exit: 1,
      stdout: '',
      stderr: expect.stringContaining('Usage:\n'),
    });
  });

  test('the parts that few commands need are there: YAML, and the SSH tunnel', async () => {
    const text = '(async () => { const { Client } = require(process.argv[1]); console.log(typeof Client); })()';
    const ssh2 = join(realpathSync(bin('credhub')), '../../dist/credhub/ssh2.js');
    expect((await run(process.execPath, ['-e', text, ssh2])).stdout).toBe('function\n');
    const imported = await run('sh', ['-c', `echo 'credentials: []' > f.yml && '${bin('credhub')}' import -f f.yml`]);
    expect(imported).toMatchObject({ exit: 0, stdout: 'Import complete.\nSuccessfully set: 0\nFailed to set: 0\n' });
  });

  test('bash completes with the script that credhub prints', async () => {
    const script = `source <('${bin('credhub')}' completion bash); COMP_WORDS=('${bin('credhub')}' get --o); COMP_CWORD=2; _credhub; echo "\${COMPREPLY[@]}"`;
    expect(await run('bash', ['-c', script])).toEqual({ exit: 0, stdout: '--output-json\n', stderr: '' });
    for (const shell of ['zsh', 'fish']) {
      expect((await run(bin('credhub'), ['completion', shell])).stdout).toContain('GO_FLAGS_COMPLETION=verbose');
    }
    expect((await run(bin('credhub'), ['completion'])).stderr).toContain('A shell must be named: bash, zsh or fish.');
  });

  test('plexctl runs, with its own commands and version only', async () => {
    expect((await run(bin('plexctl'), ['--version'])).stdout).toMatch(/^version=\d/);
    const help = await run(bin('plexctl'), ['cloud', '--help']);
    expect(help).toMatchObject({ exit: 0, stdout: expect.stringContaining('cloud create') });
    expect(help.stdout).not.toContain('interpolate');
    expect((await run(bin('plexctl'), ['whoami'])).exit).not.toBe(0);
  });

  test('plexctl shows the same help to a pipe and to a terminal of 80 columns', async () => {
    for (const of of [[], ['cloud'], ['cloud', 'credential', 'create']]) {
      const ready = await run(bin('plexctl'), [...of, '--help']);
      const rendered = await run(bin('plexctl'), [...of, '--help'], { OCLIF_COLUMNS: '80' });
      expect(ready).toEqual(rendered);
      expect(ready.stdout).toContain('USAGE\n  $ plexctl');
    }
    const { stdout } = await run(bin('plexctl'), ['--help']);
    expect(stdout).toContain(`${process.platform}-${process.arch} node-${process.version}`);
  });

  test.each([
    [['cloud', 'list', '--bogus'], 'The command has no flag --bogus.'],
    [['cloud', 'get'], 'ID is required.'],
    [['cloud', 'list', '--limit', '0'], '--limit must be an integer greater than or equal to 1.'],
    [['whoami', '--output', 'xml'], '--output must be one of text, json, yaml.'],
    [['whoami', 'x'], 'There are more words than the command takes.'],
  ])('the parser of plexctl, as packed, says of %j: %s', async (words, message) => {
    expect(await run(bin('plexctl'), words)).toMatchObject({ exit: 2, stderr: expect.stringContaining(message) });
  });

  test.each([
    ['credhub', 'interpolate', 'cloud:create'],
    ['plexctl', 'cloud:create', 'interpolate'],
  ])('%s is an oclif root of its own: it has %s and not %s', async (name, own, other) => {
    const { Config } = createRequire(import.meta.url)('@oclif/core/config');
    const config = await Config.load(join(realpathSync(bin(name)), `../../dist/${name}`));
    expect(config.findCommand(own)).toBeDefined();
    expect(config.findCommand(other)).toBeUndefined();
  });

  test.each([
    ['credhub', ['--version'], 'apps/cli/src/credhub/process-host.ts'],
    ['plexctl', ['--version'], 'apps/cli/src/plexctl/start.ts'],
  ])(
    'the stack trace of a crash of %s names the sources, and shows no line of the bundle',
    async (name, words, source) => {
      const broken = "process.cwd = () => { throw new Error('no folder'); }; process.argv.splice(1, 1);";
      const text = `${broken} require(process.argv[1]);`;
      const ended = await run(process.execPath, ['-e', text, 'x', realpathSync(bin(name)), ...words]);
      expect(ended).toMatchObject({ exit: 1, stdout: '', stderr: expect.stringMatching(/^Error: no folder\n {4}at /) });
      expect(ended.stderr).toMatch(new RegExp(`${source}:\\d+:\\d+`));
      expect(ended.stderr).not.toContain('start.js');
      expect(ended.stderr.length).toBeLessThan(2_000);
    },
  );

  test.each(['credhub', 'plexctl'])('%s says in one line that a Node is too old', async (name) => {
    const old = "Object.defineProperty(process.versions, 'node', { value: '20.19.0' }); require(process.argv[1]);";
    const ended = await run(process.execPath, ['-e', old, realpathSync(bin(name))]);
    expect(ended).toEqual({
      exit: 1,
      stdout: '',
      stderr: `${name} needs Node.js 22.19 or newer; this is ${process.version}.\n`,
    });
  });
});

describe('oclif runs a command of credhub', () => {
  test('from its class, with the words that the parser of our own reads', async () => {
    const { Config } = createRequire(import.meta.url)('@oclif/core/config');
    const root = join(realpathSync(bin('credhub')), '../../dist/credhub');
    const config = await Config.load(root);
    const command = await config.findCommand('get', { must: true }).load();
    expect(command.flags).toHaveProperty('output-json');
    expect(command.aliases).toEqual(['g']);
  });
});
