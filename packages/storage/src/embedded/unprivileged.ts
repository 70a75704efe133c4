/**
 * Runs PostgreSQL without root privileges, because it refuses to run as uid 0. As root there are two ways, tried in this order: a
 * user namespace, which needs no account, keeps root as the owner of the files and works below folders of mode 0700; or another
 * account, which must be able to reach the data folder. PostgreSQL also refuses a uid without an account, as in containers; that
 * uses the namespace.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';

export interface Runner {
  /** The account that must own the data folder and the socket folder; `undefined` for the current user. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
  /** Returns the command line that starts a program without uid 0. */
  readonly command: (program: string, args: readonly string[]) => readonly [string, readonly string[]];
}

const CURRENT_ACCOUNT: Runner = { owner: undefined, command: (program, args) => [program, args] };

const NAMESPACE_ARGS = ['--user', '--map-user=65534', '--map-group=65534', '--'] as const;

function findAccount(): { uid: number; gid: number } | undefined {
  const rows = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const wanted of ['postgres', 'nobody']) {
    const [, , uid, gid] = rows.find((row) => row.startsWith(`${wanted}:`))?.split(':') ?? [];
    if (uid && gid && uid !== '0') return { uid: Number(uid), gid: Number(gid) };
  }
  return undefined;
}

function hasAccount(): boolean {
  try {
    return userInfo().username !== '';
  } catch {
    return false;
  }
}

/** Repeats the probe when Ctrl-C in the terminal has killed it. */
function canUseNamespaces(): boolean {
  for (;;) {
    const { status, signal } = spawnSync('unshare', [...NAMESPACE_ARGS, 'true'], { stdio: 'ignore' });
    if (signal !== 'SIGINT') return status === 0;
  }
}

/** Returns how to run PostgreSQL as the current user. @throws Error with one line for the operator when root has no way */
export function unprivilegedRunner(ways: readonly ('namespace' | 'account')[] = ['namespace', 'account']): Runner {
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && hasAccount()) return CURRENT_ACCOUNT;
  if (ways.includes('namespace') && canUseNamespaces()) {
    return { owner: undefined, command: (program, args) => ['unshare', [...NAMESPACE_ARGS, program, ...args]] };
  }
  if (!isRoot) return CURRENT_ACCOUNT;
  const owner = ways.includes('account') ? findAccount() : undefined;
  if (owner) return { owner, command: (program, args) => [program, args] };
  throw new Error(
    'PostgreSQL does not run as root, and neither user namespaces nor an account postgres or nobody are there; start as another user or set database.url',
  );
}
