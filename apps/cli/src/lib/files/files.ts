import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CommandFailure } from '../failure.ts';

const TEXTS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EISDIR: 'is a directory',
  ENOTDIR: 'not a directory',
  ENOSPC: 'no space left on device',
  EROFS: 'read-only file system',
  ELOOP: 'too many levels of symbolic links',
};

/** `open /nope: no such file or directory`: an error of the file system in the words of Go's os package. */
export function fileFailure(path: string, error: unknown, action?: 'open' | 'read' | 'write'): CommandFailure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const verb = action ?? (code === 'EISDIR' ? 'read' : 'open');
  return new CommandFailure(`${verb} ${path}: ${TEXTS[code] ?? code.toLowerCase()}`, { cause: error });
}

/** @throws CommandFailure naming the path as it was given. */
export function readBytes(cwd: string, path: string): Uint8Array {
  try {
    return readFileSync(resolve(cwd, path));
  } catch (error) {
    throw fileFailure(path, error);
  }
}

/** @throws CommandFailure naming the path as it was given. */
export function writeTextFile(cwd: string, path: string, text: string): void {
  try {
    writeFileSync(resolve(cwd, path), text, { mode: 0o644 });
  } catch (error) {
    throw fileFailure(path, error, 'open');
  }
}
