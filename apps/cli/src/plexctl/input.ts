import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Host } from './host.ts';
import { usageFailure } from './usage.ts';

const megabyte = 1_048_576;

/** Reads a small text file. @throws CommandFailure (exit 2) with the file name */
export function readSmallFile(host: Host, path: string, what: string): string {
  return readBytes(host, path, { what, limit: megabyte }).toString();
}

/**
 * The bytes of a file, exactly; at most `limit` and one more.
 * @throws CommandFailure (exit 2) naming the file
 */
export function readBytes(host: Host, path: string, { what, limit }: { what: string; limit: number }): Buffer {
  let file: number | undefined;
  try {
    file = openSync(resolve(host.cwd, path), 'r');
    warnOfReaders(host, path, { what, mode: fstatSync(file).mode });
    const buffer = Buffer.alloc(limit + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length <= limit; length += read) {
      read = readSync(file, buffer, length, buffer.length - length, null);
    }
    return buffer.subarray(0, length);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw usageFailure(`The file '${path}' with the ${what} can't be read${code}.`);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** A file with a token should have mode 0600 (docs/reference/plexsphere-v1.md#the-plexctl-command-line). */
function warnOfReaders(host: Host, path: string, { what, mode }: { what: string; mode: number }): void {
  if (what === 'token' && process.platform !== 'win32' && (mode & 0o077) !== 0) {
    host.err(`Warning: other users may read '${path}'. A token file should have mode 0600.\n`);
  }
}

/** A token without the line break of its file. @throws CommandFailure (exit 2), which never shows it. */
export function checkedToken(text: string): string {
  const token = text.trim();
  if (token === '') throw usageFailure('The token is empty.');
  if (!/^[\x21-\x7e]+$/.test(token)) throw usageFailure('The token contains characters that no token has.');
  return token;
}
