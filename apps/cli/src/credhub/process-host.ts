import type { Host } from '../lib/terminal/host.ts';
import { type LineInput, lineInput } from '../lib/terminal/line-input.ts';

/** The process itself as a command's host. */
export function processHost(): Host {
  let input: LineInput | undefined;
  return {
    env: process.env,
    cwd: process.cwd(),
    get input() {
      // Opened on demand, because opening stdin takes time and keeps the process alive.
      input ??= lineInput(() => process.stdin);
      return input;
    },
    // Asking isatty opens the stream, which a command that prints nothing there does not need.
    get outIsTerminal() {
      return process.stdout.isTTY === true;
    },
    get errIsTerminal() {
      return process.stderr.isTTY === true;
    },
    get columns() {
      return process.stderr.columns;
    },
    out: (text) => {
      process.stdout.write(text);
    },
    err: (text) => {
      process.stderr.write(text);
    },
  };
}
