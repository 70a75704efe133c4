import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main } from '../../src/plexctl/main.ts';

export interface RunOptions {
  readonly home?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Buffer;
  /** Width of the terminal on stdout; none if absent. */
  readonly columns?: number;
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export function freshHome(): string {
  return mkdtempSync(join(tmpdir(), 'plexctl-'));
}

/** One line in this process: everything but help behaves as in a process of its own. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const home = options.home ?? freshHome();
  let stdout = '';
  let stderr = '';
  const code = await main(argv, {
    env: options.env ?? {},
    cwd: options.cwd ?? home,
    home,
    stdin: async () => Buffer.from(options.stdin ?? ''),
    columns: options.columns,
    out: (text) => {
      stdout += text;
    },
    err: (text) => {
      stderr += text;
    },
  });
  return { code, stdout, stderr };
}

/** What `plexctl` on the PATH of an installation links to. */
export const plexctlBin = fileURLToPath(new URL('../../bin/plexctl.js', import.meta.url));

/** One line as a user runs it, with nothing in the environment but what is given. */
export function runProcess(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const home = options.home ?? freshHome();
  const child = spawn(process.execPath, [plexctlBin, ...argv], {
    cwd: options.cwd ?? home,
    env: { HOME: home, PATH: process.env.PATH, ...options.env },
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.stdin ?? '');
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
  });
}
