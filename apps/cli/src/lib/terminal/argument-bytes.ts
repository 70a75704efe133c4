import { readFileSync } from 'node:fs';
import { CommandFailure } from '../failure.ts';
import { decodeUtf8, NotUtf8 } from '../utf8-text.ts';

function readCommandLine(): Buffer {
  return readFileSync('/proc/self/cmdline');
}

/**
 * Refuses words that hold bytes which are no UTF-8. Node has put U+FFFD for them already, and a value would be stored
 * damaged; only the kernel still has the bytes. Where it does not show them, the words are taken as Node gives them.
 *
 * @throws CommandFailure that names the place and never the word, which may be a secret
 */
export function requireUtf8Words(words: readonly string[], commandLine = readCommandLine): void {
  if (!words.some((word) => word.includes('\uFFFD'))) return;
  let bytes: Buffer;
  try {
    bytes = commandLine();
  } catch {
    return;
  }
  // Latin-1 keeps each byte. Every word ends with NUL, and Node's own words come first.
  const own = bytes.toString('latin1').split('\0').slice(0, -1).slice(-words.length);
  for (const [index, word] of own.entries()) {
    try {
      decodeUtf8(Buffer.from(word, 'latin1'));
    } catch (error) {
      if (!(error instanceof NotUtf8)) throw error;
      throw new CommandFailure(
        `Argument ${index + 1} is not UTF-8 text: wrong byte at offset ${error.offset}. Please convert it and retry your request.`,
      );
    }
  }
}
