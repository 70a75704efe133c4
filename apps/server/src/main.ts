/**
 * The bin `credplex`: hands the process's words, variables and streams to the program. Nothing else reads process.env. A process
 * that the supervisor of a server has started is one of its workers.
 */
import cluster, { type Worker } from 'node:cluster';
import { reportCrashes } from '@credplex/command-line/source-map';
import { readRelease } from './start/release.ts';

/** The first word of a worker, for process lists: its settings come over the IPC channel. */
const WORKER = 'worker';

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

/** Settings may hold secrets and come over the IPC channel, so no variable of ours is in a worker's environment. */
function forkWorker(number: number): Worker {
  const ours = Object.keys(process.env).filter((name) => name.startsWith('CREDPLEX_'));
  cluster.setupPrimary({
    args: [WORKER, String(number)],
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'inherit', 'ipc', 'pipe'],
  });
  return cluster.fork(Object.fromEntries(ours.map((name) => [name, undefined])));
}

async function runAsProgram(): Promise<void> {
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
    forkWorker,
  });
  finished = true;
  reportOutputError();
}

async function runAsWorker(): Promise<void> {
  // A terminal sends these to every process of the group; the supervisor says when to stop.
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
  process.stderr.on('error', () => {});
  // The supervisor is gone. An ordinary exit would wait for ever for the log lines that nobody reads any more.
  process.prependListener('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  const [{ runWorker }, { messageOf }] = await Promise.all([
    import('./workers/worker.ts'),
    import('./operator/error-message.ts'),
  ]);
  await runWorker({
    send: (message) => void (process.connected && process.send?.(message, undefined, undefined, () => undefined)),
    onMessage: (take) => void process.on('message', take),
    onTerminate: (stop) => void process.on('SIGTERM', stop),
    describeError: messageOf,
    detach: () => process.channel?.unref(),
  });
}

await (cluster.isWorker && args[0] === WORKER ? runAsWorker() : runAsProgram());
