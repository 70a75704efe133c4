/** The process of plexctl. */
import { homedir } from 'node:os';
import { reportCrashes } from '@credplex/command-line/source-map';
import { requireUtf8Words } from '../lib/terminal/argument-bytes.ts';
import { endOnOutputErrors } from '../lib/terminal/output-errors.ts';

/** Runs the command line of the process and sets its exit code. */
export async function start(): Promise<void> {
  // Before oclif is loaded, which throws the errors of stdout.
  endOnOutputErrors((reason) => `Error: ${reason}\n`);
  reportCrashes();
  const words = process.argv.slice(2);
  try {
    requireUtf8Words(words);
  } catch (error) {
    process.stderr.write(`Error: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
    return;
  }
  const { main } = await import('./main.ts');
  process.exitCode = await main(words, {
    env: process.env,
    cwd: process.cwd(),
    home: process.env.HOME || homedir(),
    stdin: readStdin,
    // Asking opens the stream, which not every line needs.
    get columns() {
      return process.stdout.isTTY ? process.stdout.columns : undefined;
    },
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
  });
}

async function readStdin(limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes);
    length += bytes.length;
    if (length > limit) break;
  }
  return Buffer.concat(chunks);
}

/** Every command by its id, for oclif's own tools. */
export async function loadCommands(): Promise<Readonly<Record<string, unknown>>> {
  const { loadCommands: load } = await import('@credplex/command-line');
  const { plexctl } = await import('./program.ts');
  return load(plexctl());
}
