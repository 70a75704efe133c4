/** The bin `credplex`: hands the process's words, variables and streams to the program. Nothing else reads process.env. */
import { reportCrashes } from '@credplex/command-line/source-map';
import { readRelease } from './start/release.ts';

/** npm passes a Ctrl-C on that the terminal has sent to us already: only a later one means that somebody will not wait. */
const SAME_SIGNAL_MS = 2_000;

function stopRequested(): Promise<void> {
  return new Promise((resolve) => {
    let first: number | undefined;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        first ??= performance.now();
        if (performance.now() - first > SAME_SIGNAL_MS) process.exit(130);
        resolve();
      });
    }
  });
}

reportCrashes();
const args = process.argv.slice(2);
/** Of the first write to stdout that failed. A reader that has gone, as `head` does, is no failure. */
let outputError: string | undefined;
let finished = false;

/** A command that succeeded but could not show its answer has failed; a server goes on without its greeting. */
function reportOutputError(): void {
  if (outputError === undefined || process.exitCode !== 0 || args[0] === 'serve') return;
  process.stderr.write(`credplex: stdout cannot be written (${outputError}); what the command printed is lost\n`);
  process.exitCode = 1;
}

function noteOutputError(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') outputError ??= error.code ?? 'unknown error';
  if (finished) reportOutputError();
}

process.stderr.on('error', () => {});
process.stdout.on('error', noteOutputError);

const { runProgram } = await import('./operator/run.ts');
// oclif throws the errors of stdout.
for (const listener of process.stdout.listeners('error')) {
  if (listener !== noteOutputError) process.stdout.off('error', listener as () => void);
}

process.exitCode = await runProgram({
  args,
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  version: readRelease().version,
  stopRequested,
});
finished = true;
reportOutputError();
