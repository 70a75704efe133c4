/** Reads CPU seconds and resident memory of processes from /proc (zeros outside Linux). */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

const TICKS = 100;

function readStat(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { ppid: Number(fields[1]), cpu: (Number(fields[11]) + Number(fields[12])) / TICKS };
  } catch {
    return undefined;
  }
}

interface Stat {
  readonly ppid: number;
  readonly cpu: number;
}

/** Returns a process and its descendants. */
function processTree(pid: number): ReadonlyMap<number, Stat> {
  if (!existsSync('/proc')) return new Map();
  const all = new Map<number, Stat>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const one = readStat(Number(name));
    if (one) all.set(Number(name), one);
  }
  const below = (id: number): boolean => {
    for (let at = id; at > 1; at = all.get(at)?.ppid ?? 0) if (at === pid) return true;
    return false;
  };
  return new Map([...all].filter(([id]) => below(id)));
}

/** Returns the CPU seconds that a process and its descendants have used. */
export function cpuSeconds(pid: number): number {
  return [...processTree(pid).values()].reduce((sum, one) => sum + one.cpu, 0);
}

/** Signals a process and its descendants, ignoring those that have ended. */
export function signalTree(pid: number, signal: NodeJS.Signals): void {
  for (const id of processTree(pid).keys()) {
    try {
      process.kill(id, signal);
    } catch {
      // The process has ended meanwhile.
    }
  }
}

/** Returns the resident MiB of a process. */
export function residentMiB(pid: number): number {
  return statusMiB(pid, 'VmRSS');
}

/** Returns the peak of the resident MiB of a process. */
export function peakMiB(pid: number): number {
  return statusMiB(pid, 'VmHWM');
}

function statusMiB(pid: number, field: string): number {
  try {
    const line = new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return Number(line?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** Returns the resident MiB of a process and of its descendants that run the same program. */
export function residentTreeMiB(pid: number): number {
  return residentOfTree(pid).reduce((sum, mib) => sum + mib, 0);
}

function programOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return '';
  }
}

/** Returns the flags of Node that a process was started with. */
export function nodeFlags(pid: number): string[] {
  try {
    const [, ...words] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    const end = words.findIndex((word) => !word.startsWith('--'));
    return words.slice(0, end);
  } catch {
    return [];
  }
}

/** Returns the resident MiB of each process of a tree that runs the same program, the root first. */
export function residentOfTree(pid: number): number[] {
  const program = programOf(pid);
  return [...processTree(pid).keys()].filter((id) => programOf(id) === program).map(residentMiB);
}
