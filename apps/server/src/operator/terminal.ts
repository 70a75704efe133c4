/** The terminal of an operator command: results on stdout, prompts and errors on stderr, secrets from a prompt or stdin. */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { type Secret, secret } from '@credplex/core';
import { CommandError } from './errors.ts';

export interface Terminal {
  /** Width of the terminal; `undefined` when stdout is not a terminal. */
  readonly columns: number | undefined;
  out(text: string): void;
  err(text: string): void;
  /** Prompts without echo, or reads the first line of stdin if that is not a terminal. @throws CommandError for no input */
  secret(label: string): Promise<Secret>;
  /** Like {@link secret}, but prompts twice on a terminal, because a typing error would lock the user out. */
  newSecret(label: string): Promise<Secret>;
}

export interface Streams {
  readonly stdin: Readable & { readonly isTTY?: boolean; setRawMode?(mode: boolean): unknown };
  readonly stdout: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: { write(text: string): unknown };
}

/** A longer text is more likely a wrong file than a password. */
const MAX_SECRET_LENGTH = 1024;

export function createTerminal({ stdin, stdout, stderr }: Streams): Terminal {
  const readSecret = async (label: string): Promise<Secret> => {
    const text = stdin.isTTY ? await readHidden(stdin, stderr, label) : await firstLine(stdin);
    if (text === undefined || text === '') throw new CommandError(`no ${label} was given`);
    if (text.length > MAX_SECRET_LENGTH)
      throw new CommandError(`the ${label} is longer than ${MAX_SECRET_LENGTH} characters`);
    if (text.includes('\0')) throw new CommandError(`the ${label} holds a NUL character`);
    return secret(text);
  };
  return {
    columns: stdout.isTTY ? stdout.columns : undefined,
    out: (text) => void stdout.write(`${text}\n`),
    err: (text) => void stderr.write(`${text}\n`),
    secret: readSecret,
    async newSecret(label) {
      const first = await readSecret(label);
      if (!stdin.isTTY) return first;
      const second = await readSecret(`${label} again`);
      if (second.reveal() !== first.reveal()) throw new CommandError('the two are not the same');
      return first;
    },
  };
}

async function firstLine(stdin: Readable): Promise<string | undefined> {
  const lines = createInterface({ input: stdin, terminal: false });
  try {
    for await (const line of lines) return line;
    return undefined;
  } finally {
    lines.close();
  }
}

/** Reads in raw mode, without echo. Handles Ctrl-C, Ctrl-D, backspace and Enter itself. */
function readHidden(stdin: Streams['stdin'], stderr: Streams['stderr'], label: string): Promise<string | undefined> {
  stderr.write(`${label}: `);
  stdin.setRawMode?.(true);
  return new Promise((resolve, reject) => {
    let text = '';
    const finish = (settle: () => void): void => {
      stdin.off('data', take);
      stdin.setRawMode?.(false);
      stdin.pause();
      stderr.write('\n');
      settle();
    };
    const take = (chunk: Buffer): void => {
      for (const character of chunk.toString('utf8')) {
        if (character === '\u0003') {
          finish(() => reject(new CommandError('interrupted')));
          return;
        }
        if (character === '\r' || character === '\n' || character === '\u0004') {
          finish(() => resolve(text));
          return;
        }
        text = character === '\u007f' || character === '\b' ? [...text].slice(0, -1).join('') : text + character;
      }
    };
    stdin.on('data', take);
    stdin.resume();
  });
}
