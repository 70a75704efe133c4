/** Child processes of tests, which end with their parent even when it is killed. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

const CAN_FOLLOW_PARENT = spawnSync('setpriv', ['--pdeathsig', 'TERM', 'true'], { stdio: 'ignore' }).status === 0;

/** Returns a command line whose process gets `signal` when its parent dies, where the system supports it. */
export function withParentDeathSignal(
  signal: 'INT' | 'KILL',
  program: string,
  args: readonly string[],
): [string, string[]] {
  return CAN_FOLLOW_PARENT ? ['setpriv', ['--pdeathsig', signal, program, ...args]] : [program, [...args]];
}

/** Resolves when the output matches `pattern`; rejects with the output when the process ends before. */
export function waitForOutput(child: ChildProcess, pattern: RegExp, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = '';
    const inspect = (chunk: Buffer): void => {
      if (text.length < 100_000) text += chunk.toString();
      if (pattern.test(text)) resolve();
    };
    child.stdout?.on('data', inspect);
    child.stderr?.on('data', inspect);
    child.once('error', reject);
    // Not 'exit': the last output may come after it.
    child.once('close', (code) => reject(new Error(`${what} ended with ${code}:\n${text}`)));
  });
}

/** Returns the direct child processes of `pid`. */
export function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

export function waitForExit(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });
}

export function spawnPiped(
  command: string,
  args: readonly string[],
  options: { uid?: number; gid?: number; cwd?: string } = {},
): ChildProcess {
  return spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Returns a loopback port above 20000 that was free a moment ago; with `pair`, the next port was free too. */
export async function freePort(pair = false): Promise<number> {
  const isFree = (port: number): Promise<boolean> =>
    new Promise((resolve) => {
      const server = createServer();
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
  for (;;) {
    const port = 20_001 + Math.floor(Math.random() * 12_000);
    if ((await isFree(port)) && (!pair || (await isFree(port + 1)))) return port;
  }
}
