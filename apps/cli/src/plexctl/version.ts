import { readFileSync } from 'node:fs';

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
  return { version: known, commit: 'unbuilt', date: '1970-01-01T00:00:00Z' };
}

/** The line of `plexctl --version` (contract.md C). */
export function versionLine(): string {
  const { version: number, commit, date } = version();
  return `version=${number} commit=${commit} date=${date}\n`;
}
