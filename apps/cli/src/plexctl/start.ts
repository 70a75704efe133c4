/** The process of plexctl. */
import { homedir } from 'node:os';
import { endOnOutputErrors } from '../lib/output-errors.ts';
import { main } from './main.ts';

/** From its words to its exit code. */
export async function start(): Promise<void> {
  endOnOutputErrors((reason) => `Error: ${reason}\n`);
  process.exitCode = await main(process.argv.slice(2), {
    program: import.meta.url,
    env: process.env,
    cwd: process.cwd(),
    home: process.env.HOME || homedir(),
    stdin: readStdin,
    // Asking opens the stream, which not every line needs.
    get outIsTerminal() {
      return process.stdout.isTTY === true;
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
