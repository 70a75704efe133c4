import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CommandFailure } from '../failure.ts';
import { decodeUtf8, NotUtf8 } from '../utf8-text.ts';

/**
 * The content of the file that `given` names; if it names nothing that exists, `given` itself with every backslash-n
 * made a line break (docs/reference/credhub-cli.md#file-or-value).
 *
 * @throws CommandFailure for a folder or an unreadable file, and for one that is not UTF-8 text.
 */
export function fileOrValue(cwd: string, given: string): string {
  const content = readIfFile(cwd, given);
  if (content === undefined) return withLineBreaks(given);
  try {
    return decodeUtf8(content);
  } catch (error) {
    if (!(error instanceof NotUtf8)) throw error;
    throw new CommandFailure(
      `The referenced file '${given}' is not UTF-8 text: wrong byte at offset ${error.offset}. Please convert the file and retry your request.`,
      { cause: error },
    );
  }
}

/**
 * As fileOrValue for certificates that are only read here and never stored: what stands around them, such as a comment
 * in another encoding, does not matter.
 */
export function certificatesOrValue(cwd: string, given: string): string {
  const content = readIfFile(cwd, given);
  return content === undefined ? withLineBreaks(given) : content.toString('utf8');
}

function withLineBreaks(given: string): string {
  return given.replaceAll('\\n', '\n');
}

function readIfFile(cwd: string, given: string): Buffer | undefined {
  if (given === '' || given.includes('\0') || !existsSync(resolve(cwd, given))) return undefined;
  try {
    return readFileSync(resolve(cwd, given));
  } catch (error) {
    throw new CommandFailure(
      'A referenced file could not be opened. Please validate the provided filenames and permissions, then retry your request.',
      { cause: error },
    );
  }
}
