// Starts the program with the Node and the V8 flags that it needs. Plain enough for any Node to read, so that an old one gets
// a clear line instead of a syntax error.
import module from 'node:module';
import { fileURLToPath } from 'node:url';

/** Young garbage may take 3 times 6 MiB under load, not 3 times 64: a find of a million names then stays below 50 MiB. */
const YOUNG_GENERATION = '--max-semi-space-size=6';

/** Imports the program at `url`; for `serve` in a process whose young generation is bounded. */
export async function launch(url) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  // argon2 is part of Node since 24.7.
  if (major < 24 || (major === 24 && minor < 7)) {
    process.stderr.write(`credplex needs Node.js 24.7 or newer; this is ${process.version}.\n`);
    process.exit(1);
  }
  // Only V8's start takes the limit, so the server becomes a Node with it: the same process, number and streams.
  const isBounded = /--max-semi-space-size/.test([...process.execArgv, process.env.NODE_OPTIONS].join(' '));
  if (process.argv[2] === 'serve' && !isBounded && process.execve) {
    const argv = [process.execPath, YOUNG_GENERATION, ...process.execArgv, ...process.argv.slice(1)];
    process.execve(process.execPath, argv, process.env);
  }
  // Compiled code is kept between runs. Where the folder cannot be written, nothing is kept.
  module.enableCompileCache?.(fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url)));
  await import(url);
}
