/**
 * PostgreSQL refuses to run as uid 0. As an ordinary user nothing is needed; as root there are two ways, tried in this order
 * (measured in toolchain notes): a user namespace, which needs no account, leaves files to root and works below folders of
 * mode 0700; else another account, which must be able to reach the data folder. A uid without an account, as containers have
 * it, is refused by PostgreSQL as well: it takes the namespace.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';

export interface Runner {
  /** The account that must own the data folder and the socket folder; undefined: whoever we are. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
  /** How to start a program so that it does not see uid 0. */
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

/** Ctrl-C in a terminal ends the probe as well, which then proves nothing. */
function canUseNamespaces(): boolean {
  for (;;) {
    const { status, signal } = spawnSync('unshare', [...NAMESPACE_ARGS, 'true'], { stdio: 'ignore' });
    if (signal !== 'SIGINT') return status === 0;
  }
}

/** @throws Error with one clear line when root has no way to start PostgreSQL. */
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
