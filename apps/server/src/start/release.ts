/** Which release this is: the package's version, and in a clone the commit. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface Release {
  readonly version: string;
  readonly commit: string;
  /** RFC 3339: when the commit was checked out, or the package made. */
  readonly date: string;
}

const ROOT = join(import.meta.dirname, '../../../..');

export function readRelease(version: string, root: string = ROOT): Release {
  const head = text(join(root, '.git', 'HEAD'));
  const ref = /^ref: (refs\/\S+)/.exec(head ?? '')?.[1];
  const packed = ref === undefined ? undefined : text(join(root, '.git', 'packed-refs'));
  const found =
    ref === undefined
      ? head
      : (text(join(root, '.git', ref)) ?? packed?.split('\n').find((line) => line.endsWith(` ${ref}`)));
  const commit = /^[0-9a-f]{40}/.exec(found ?? '')?.[0];
  const place = commit === undefined ? import.meta.filename : join(root, '.git', 'HEAD');
  return { version, commit: commit ?? 'unknown', date: statSync(place).mtime.toISOString() };
}

function text(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
