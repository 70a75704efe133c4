/** CPU seconds and resident memory of processes, from /proc (Linux only; elsewhere zeros). */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const TICKS = 100;

function stat(pid: number): { ppid: number; cpu: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { ppid: Number(fields[1]), cpu: (Number(fields[11]) + Number(fields[12])) / TICKS };
  } catch {
    return undefined;
  }
}

/** CPU seconds used so far by a process and everything below it. */
export function cpuSeconds(pid: number): number {
  if (!existsSync('/proc')) return 0;
  const all = new Map<number, { ppid: number; cpu: number }>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const one = stat(Number(name));
    if (one) all.set(Number(name), one);
  }
  const below = (id: number): boolean => {
    for (let at = id; at > 1; ) {
      if (at === pid) return true;
      at = all.get(at)?.ppid ?? 0;
    }
    return false;
  };
  let sum = 0;
  for (const [id, one] of all) if (below(id)) sum += one.cpu;
  return sum;
}

/** Resident MiB of one process. */
export function residentMiB(pid: number): number {
  try {
    const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return Number(line?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
