import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CommandFailure } from './failure.ts';

/**
 * The content of the file that `given` names; if it names nothing that exists, `given` itself with every backslash-n
 * made a line break (cli-facts, section 8).
 *
 * @throws CommandFailure for a folder or an unreadable file.
 */
export function fileOrValue(cwd: string, given: string): string {
  if (given === '' || given.includes('\0') || !existsSync(resolve(cwd, given))) return given.replaceAll('\\n', '\n');
  try {
    return readFileSync(resolve(cwd, given), 'utf8');
  } catch (error) {
    throw new CommandFailure(
      'A referenced file could not be opened. Please validate the provided filenames and permissions, then retry your request.',
      { cause: error },
    );
  }
}
