import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Host } from './host.ts';

const TIMEOUT_MS = 5_000;

/** Returns commit and date (RFC 3339, UTC) of the sources' checkout; undefined if git cannot read it. */
export function checkedOut({ env }: Host): { readonly commit: string; readonly date: string } | undefined {
  const folder = fileURLToPath(new URL('.', import.meta.url));
  try {
    const text = execFileSync('git', ['-C', folder, 'log', '-1', '--format=%h %cI'], {
      encoding: 'utf8',
      // Excludes GIT_DIR and related variables, which a git hook sets for another repository.
      env: { PATH: env.PATH, HOME: env.HOME },
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: TIMEOUT_MS,
    });
    const [commit, date] = text.trim().split(' ');
    if (!commit || !date) return undefined;
    return { commit, date: new Date(date).toISOString().replace(/\.\d+Z$/, 'Z') };
  } catch {
    return undefined;
  }
}
