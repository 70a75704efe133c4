import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Host } from './host.ts';

const TIMEOUT_MS = 5_000;

/** Returns commit and date (RFC 3339, UTC) of the checkout that the sources lie in; nothing where git cannot tell. */
export function checkedOut({ env }: Host): { readonly commit: string; readonly date: string } | undefined {
  const folder = fileURLToPath(new URL('.', import.meta.url));
  try {
    const text = execFileSync('git', ['-C', folder, 'log', '-1', '--format=%h %cI'], {
      encoding: 'utf8',
      // Without GIT_DIR and its kin, which a hook sets for another repository.
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
