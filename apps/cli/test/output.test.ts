import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';

const home = mkdtempSync(join(tmpdir(), 'credplex-output-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

function bin(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

/** Lines that print on stdout without a server. */
const LINES: readonly (readonly [name: string, path: string, words: readonly string[]])[] = [
  ['credhub', bin('../bin/credhub.js'), ['--version']],
  ['credhub', bin('../bin/credhub.js'), ['completion', 'bash']],
  ['plexctl', bin('../bin/plexctl.js'), ['--version']],
  ['plexctl', bin('../bin/plexctl.js'), ['--help']],
  ['plexctl', bin('../bin/plexctl.js'), ['completion', 'bash']],
  ['credplex', bin('../../server/bin/credplex.js'), ['help']],
  ['credplex', bin('../../server/bin/credplex.js'), ['--version']],
  ['credplex', bin('../../server/bin/credplex.js'), ['config']],
];

interface Ended {
  readonly code: number | null;
  readonly stderr: string;
}

function run(
  path: string,
  words: readonly string[],
  streams: { readonly stdout: number | 'pipe'; readonly stderr?: number },
): Promise<Ended> {
  const child = spawn(process.execPath, [path, ...words], {
    cwd: home,
    env: { HOME: home, PATH: process.env.PATH },
    stdio: ['ignore', streams.stdout, streams.stderr ?? 'pipe'],
  });
  // The reader goes away before anything is written.
  child.stdout?.destroy();
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stderr })));
}

async function withFile<T>(path: string, flags: string, use: (file: number) => Promise<T>): Promise<T> {
  const file = openSync(path, flags);
  try {
    return await use(file);
  } finally {
    closeSync(file);
  }
}

describe.skipIf(process.platform !== 'linux')(
  'a stdout that is full ends a command with one line and exit code 1',
  () => {
    test.each(LINES)('%s %s %j', async (_, path, words) => {
      const ended = await withFile('/dev/full', 'w', (stdout) => run(path, words, { stdout }));
      expect(ended.stderr.split('\n')).toEqual([expect.stringMatching(/ENOSPC|no space left on device/), '']);
      expect(ended.code).toBe(1);
    });

    test.each(LINES)('so does one that cannot be written: %s %s %j', async (_, path, words) => {
      const ended = await withFile('/dev/null', 'r', (stdout) => run(path, words, { stdout }));
      expect(ended.stderr.split('\n')).toEqual([expect.stringMatching(/EBADF|bad file descriptor/), '']);
      expect(ended.code).toBe(1);
    });

    test.each(LINES)(
      'and with a stderr that is full as well it ends all the same: %s %s %j',
      async (_, path, words) => {
        const ended = await withFile('/dev/full', 'w', (file) => run(path, words, { stdout: file, stderr: file }));
        expect(ended.code).toBe(1);
      },
    );
  },
);

describe('a stdout whose reader has gone ends a command without a word', () => {
  test.each(LINES)('%s %s %j', async (_, path, words) => {
    expect(await run(path, words, { stdout: 'pipe' })).toEqual({ code: 0, stderr: '' });
  });
});
