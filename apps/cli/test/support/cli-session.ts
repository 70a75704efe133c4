import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type CliRun, runCli } from '../replay/run-cli.ts';
import type { Server } from './credplex-process.ts';

/** A user of the command line with a home and a login of its own. */
export interface CliSession {
  readonly home: string;
  /** Runs a line that may fail. */
  run(words: readonly string[], options?: { stdin?: string; env?: Readonly<Record<string, string>> }): Promise<CliRun>;
  /** Runs a line that must succeed without a word on stderr, and gives back what it printed. */
  ok(...words: readonly string[]): Promise<string>;
  remove(): void;
}

export async function logIn(server: Server): Promise<CliSession> {
  const home = mkdtempSync(join(tmpdir(), 'credhub-session-'));
  const session: CliSession = {
    home,
    run: (words, { stdin = '', env = {} } = {}) => runCli(words, { env: { HOME: home, ...env }, cwd: home, stdin }),
    ok: async (...words) => {
      const run = await session.run(words);
      expect(run).toMatchObject({ stderr: '', exit: 0 });
      return run.stdout;
    },
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
  await session.ok('login', '-s', server.url, '--ca-cert', server.ca, '-u', server.user, '-p', server.password);
  return session;
}
