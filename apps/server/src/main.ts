/** The bin `credplex`: hands the process's words, variables and streams to the program. Nothing else reads process.env. */
import { readFileSync } from 'node:fs';
import { runProgram } from './operator/program.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** npm passes a Ctrl-C on that the terminal has sent to us already: only a later one means that somebody will not wait. */
const SAME_SIGNAL_MS = 2_000;

const stopRequested = (): Promise<void> =>
  new Promise((resolve) => {
    let first: number | undefined;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        first ??= performance.now();
        if (performance.now() - first > SAME_SIGNAL_MS) process.exit(130);
        resolve();
      });
    }
  });

// Whoever read our output may be gone.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

process.exitCode = await runProgram({
  args: process.argv.slice(2),
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  version,
  stopRequested,
});
