/** Which release this is: of a bundle what the build put in, in a clone the package's version and the commit. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface Release {
  readonly version: string;
  readonly commit: string;
  /** RFC 3339: when the commit was made or checked out. */
  readonly date: string;
}

declare const CREDPLEX_BUILD: Release | undefined;

const PACKAGE = join(import.meta.dirname, '../..');
const ROOT = join(PACKAGE, '../..');

/** Returns the release of a bundle; from sources, the one of the clone at `root`. */
export function readRelease(root: string = ROOT): Release {
  if (typeof CREDPLEX_BUILD !== 'undefined') return CREDPLEX_BUILD;
  const { version } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')) as { version: string };
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
