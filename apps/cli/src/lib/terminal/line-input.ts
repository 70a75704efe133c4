import { StringDecoder } from 'node:string_decoder';
import { CommandFailure } from '../failure.ts';
import { decodeUtf8, NotUtf8 } from '../utf8-text.ts';

/** User input from a terminal or a pipe. */
export interface LineInput {
  /** The next line without its end; empty at the end of input. @throws CommandFailure if it is not UTF-8 text. */
  line(): Promise<string>;
  /**
   * The same after a prompt, but a terminal does not show what is typed, nor the line break that ends it: `show` prints
   * the prompt once that is sure, and on a terminal a line break of our own.
   */
  hiddenLine(prompt: string, show: (text: string) => void): Promise<string>;
}

interface Source extends NodeJS.ReadableStream {
  readonly isTTY?: boolean;
  readonly readableEnded?: boolean;
  readonly destroyed?: boolean;
  setRawMode?(on: boolean): unknown;
  unref?(): unknown;
}

/** Reads lines of a stream without taking more than it must when the program ends. */
export function lineInput(source: () => Source): LineInput {
  // Bytes, each as one character: a chunk may end inside a character.
  let rest = '';
  let ended = false;
  const more = (stream: Source): Promise<string> =>
    new Promise((resolve) => {
      const done = (text: string): void => {
        stream.off('data', onData);
        stream.off('end', onEnd);
        stream.off('error', onEnd);
        stream.pause();
        resolve(text);
      };
      // A stream may end while nobody listens, between two lines.
      if (stream.readableEnded || stream.destroyed) {
        ended = true;
        resolve('');
        return;
      }
      const onData = (chunk: unknown): void => done(bytesOf(chunk).toString('latin1'));
      const onEnd = (): void => {
        ended = true;
        done('');
      };
      stream.on('data', onData);
      stream.on('end', onEnd);
      stream.on('error', onEnd);
      stream.resume();
    });
  const line = async (): Promise<string> => {
    while (!rest.includes('\n') && !ended) rest += await more(source());
    const end = rest.indexOf('\n');
    const text = end < 0 ? rest : rest.slice(0, end);
    rest = end < 0 ? '' : rest.slice(end + 1);
    return decodeLine(text.replace(/\r$/, ''));
  };
  const hiddenLine: LineInput['hiddenLine'] = async (prompt, show) => {
    const stream = source();
    if (stream.isTTY !== true || stream.setRawMode === undefined) {
      show(prompt);
      return line();
    }
    // Echo is disabled before the prompt, so that fast typing is not shown.
    stream.setRawMode(true);
    try {
      show(prompt);
      return await typedLine(
        decoded(() => more(stream)),
        show,
      );
    } finally {
      stream.setRawMode(false);
      show('\n');
    }
  };
  return { line, hiddenLine };
}

function bytesOf(chunk: unknown): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
}

function decodeLine(bytes: string): string {
  try {
    return decodeUtf8(Buffer.from(bytes, 'latin1'));
  } catch (error) {
    if (!(error instanceof NotUtf8)) throw error;
    throw new CommandFailure(
      `The input is not UTF-8 text: wrong byte at offset ${error.offset} of the line. Please convert it and retry your request.`,
      { cause: error },
    );
  }
}

/** What is typed is decoded as it comes: it is edited in characters. */
function decoded(more: () => Promise<string>): () => Promise<string> {
  const decoder = new StringDecoder('utf8');
  return async () => {
    for (;;) {
      const bytes = await more();
      const text = decoder.write(Buffer.from(bytes, 'latin1'));
      if (text !== '' || bytes === '') return text;
    }
  };
}

const INTERRUPT = '\x03';
const END_OF_INPUT = '\x04';

/** Handles backspace, Ctrl-U, Ctrl-C and Ctrl-D, because a terminal in raw mode does not. */
async function typedLine(more: () => Promise<string>, show: (text: string) => void): Promise<string> {
  let typed: string[] = [];
  for (;;) {
    const chunk = await more();
    if (chunk === '') return typed.join('');
    for (const character of chunk) {
      if (character === '\r' || character === '\n' || character === END_OF_INPUT) return typed.join('');
      if (character === INTERRUPT) {
        show('\n');
        process.kill(process.pid, 'SIGINT');
      } else if (character === '\x7f' || character === '\b') typed.pop();
      else if (character === '\x15') typed = [];
      else typed.push(character);
    }
  }
}
