import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HttpStub, startHttpStub } from './replay/http-stub.ts';
import { completeInShell } from './support/interactive-shell.ts';

const execute = promisify(execFile);
/** Completion waits 300 ms for the server, which a busy machine may take for more than one try. */
const PATIENT = { retry: 3 };
const NAMES = ['/team/database', '/team/disk', '/other'];

let folder: string;
let stub: HttpStub;
let env: Record<string, string>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'credplex-completion-'));
  const bins = { credhub: '../bin/credhub.js', plexctl: '../bin/plexctl.js', credplex: '../../server/bin/credplex.js' };
  for (const [name, path] of Object.entries(bins)) {
    symlinkSync(fileURLToPath(new URL(path, import.meta.url)), join(folder, name));
  }
  env = { PATH: `${folder}:${dirname(process.execPath)}:/usr/bin:/bin`, HOME: folder };
  stub = await startHttpStub(({ target }) => {
    if (target.startsWith('/api')) {
      const typed = new URL(target, 'http://x').searchParams.get('name-like') ?? '';
      const found = NAMES.filter((name) => name.includes(typed)).map((name) => ({ name, version_created_at: '' }));
      return { status: 200, body: JSON.stringify({ credentials: found }) };
    }
    if (target === '/version') return { status: 200, body: '{"version":"2.15.20"}' };
    if (target === '/uaa/oauth/token') return { status: 200, body: '{"access_token":"a.b.c","refresh_token":"r"}' };
    return { status: 200, body: `{"auth-server":{"url":"http://127.0.0.1:${stub.port}/uaa"}}` };
  });
  await run('credhub', 'login', '-s', `http://127.0.0.1:${stub.port}`, '-u', 'a', '-p', 'b');
  for (const program of Object.keys(bins)) {
    for (const shell of ['bash', 'zsh', 'fish']) {
      writeFileSync(scriptOf(program, shell), (await run(program, 'completion', shell)).stdout);
    }
  }
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await stub?.close();
});

function scriptOf(program: string, shell: string): string {
  return join(folder, `${program}.${shell}`);
}

function run(program: string, ...words: string[]): Promise<{ stdout: string }> {
  return execute(join(folder, program), words, { env, encoding: 'utf8' });
}

/** Lines of which the last word has one completion. */
const LINES = [
  ['credhub', 'credhub regen', 'credhub regenerate'],
  ['credhub', 'credhub get --ou', 'credhub get --output-json'],
  ['credhub', 'credhub set -t ce', 'credhub set -t certificate'],
  ['credhub', 'credhub generate --type=u', 'credhub generate --type=user'],
  ['credhub', 'credhub get -n /team/da', 'credhub get -n /team/database'],
  ['plexctl', 'plexctl cloud credential rev', 'plexctl cloud credential revoke'],
  ['plexctl', 'plexctl whoami --output j', 'plexctl whoami --output json'],
  ['plexctl', 'plexctl --output json iden', 'plexctl --output json identity-tokens'],
  ['credplex', 'credplex user pas', 'credplex user passwd'],
  ['credplex', 'credplex token issue ada --env st', 'credplex token issue ada --env stage'],
  ['credplex', 'credplex grant ada cl', 'credplex grant ada cloud_admin'],
] as const;

describe.each(['bash', 'zsh'] as const)('%s, interactive, with the script that the program prints', (shell) => {
  test.each(LINES)('%s: %j becomes %j', PATIENT, async (program, typed, expected) => {
    expect(await completeInShell(shell, { script: scriptOf(program, shell), typed, env })).toBe(expected);
  });
});

describe('fish, with the script that the program prints', () => {
  test.each(LINES)('%s: %j becomes %j', PATIENT, async (program, typed, expected) => {
    const line = `source '${scriptOf(program, 'fish')}'; complete -C '${typed}'`;
    const { stdout } = await execute('fish', ['--no-config', '-c', line], { env, encoding: 'utf8' });
    const words = stdout.split('\n').filter((word) => word !== '');
    expect(words.map((word) => word.split('\t')[0])).toEqual([expected.split(' ').at(-1)]);
  });
});
