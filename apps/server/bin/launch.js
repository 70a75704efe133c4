// Starts the program with the required version of Node and V8 flags. Uses only old syntax, so that an old Node prints a clear message
// instead of a syntax error.
import module from 'node:module';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

/** Limits the young generation to 3 x 6 MiB instead of 3 x 64 MiB: a find of a million names then stays below 50 MiB. */
const YOUNG_GENERATION = '--max-semi-space-size=6';

/**
 * Threads of libuv: one key per core (packages/core/src/key-algorithms/generation-queue.ts), two for files, DNS and signatures.
 * libuv's default is 4, so that bulk-regenerate would use three cores of any machine.
 */
const THREADS = Math.max(4, availableParallelism() + 2);

/** Imports the program at `url`; for `serve` in a process with a limited young generation. */
export async function launch(url) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  // argon2 is part of Node since 24.7.
  if (major < 24 || (major === 24 && minor < 7)) {
    process.stderr.write(`credplex needs Node.js 24.7 or newer; this is ${process.version}.\n`);
    process.exit(1);
  }
  if (process.argv[2] === 'serve') process.env.UV_THREADPOOL_SIZE ??= String(THREADS);
  // The limit is a start option of V8, so the process executes Node again with it, keeping process id and streams.
  const isBounded = /--max-semi-space-size/.test([...process.execArgv, process.env.NODE_OPTIONS].join(' '));
  if (process.argv[2] === 'serve' && !isBounded && process.execve) {
    const argv = [process.execPath, YOUNG_GENERATION, ...process.execArgv, ...process.argv.slice(1)];
    process.execve(process.execPath, argv, process.env);
  }
  // Caches compiled code between runs, if the folder is writable.
  module.enableCompileCache?.(fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url)));
  await import(url);
}
