/** CPU seconds and resident memory of processes, from /proc (Linux only; elsewhere zeros). */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

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

/** A process and everything below it. */
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

/** CPU seconds used so far by a process and everything below it. */
export function cpuSeconds(pid: number): number {
  return [...processTree(pid).values()].reduce((sum, one) => sum + one.cpu, 0);
}

/** Signals a process and everything below it; those that have ended meanwhile are left out. */
export function signalTree(pid: number, signal: NodeJS.Signals): void {
  for (const id of processTree(pid).keys()) {
    try {
      process.kill(id, signal);
    } catch {
      // Ended between the look and the signal.
    }
  }
}

/** Resident MiB of one process. */
export function residentMiB(pid: number): number {
  return statusMiB(pid, 'VmRSS');
}

/** The most resident MiB that a process has had so far. */
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
