import { type LineInput, lineInput } from '../lib/line-input.ts';
import { closeConnections } from '../lib/transport.ts';
import { main } from './main.ts';

// A reader that has seen enough, such as `head`, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

let input: LineInput | undefined;

process.exitCode = await main(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  get input() {
    // Opening stdin costs time and holds the process, so it is left alone until somebody asks.
    input ??= lineInput(() => process.stdin);
    return input;
  },
  outIsTerminal: process.stdout.isTTY === true,
  errIsTerminal: process.stderr.isTTY === true,
  columns: process.stderr.columns,
  out: (text) => {
    process.stdout.write(text);
  },
  err: (text) => {
    process.stderr.write(text);
  },
});
closeConnections();
