import { readFileSync } from 'node:fs';
import type { Host } from './host.ts';

export interface BuildVersion {
  readonly version: string;
  readonly commit: string;
  /** RFC 3339. */
  readonly date: string;
}

/** Put in by the build; absent when the program runs from its sources. */
declare const CREDPLEX_BUILD: BuildVersion | undefined;

export function version(): BuildVersion {
  if (typeof CREDPLEX_BUILD !== 'undefined') return CREDPLEX_BUILD;
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const known =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : '0.0.0';
  return { version: known, commit: 'unknown', date: '1970-01-01T00:00:00Z' };
}

/** Returns the line of `plexctl --version`. In a checkout git tells the commit. */
export async function versionLine(host: Host): Promise<string> {
  const built = version();
  const isCheckout = typeof CREDPLEX_BUILD === 'undefined';
  const {
    version: number,
    commit,
    date,
  } = isCheckout ? { ...built, ...(await import('./checkout.ts')).checkedOut(host) } : built;
  return `version=${number} commit=${commit} date=${date}\n`;
}
