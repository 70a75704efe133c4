/** Writes docs/benchmarks.md: one table a group, the machine, the flags. */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { loadTool } from './load.ts';

export interface Line {
  readonly group: keyof typeof HEADS;
  readonly text: string;
}

const HEADS = {
  requests:
    'operation | names stored | connections | rate, of the baseline | requests/s | p99 ms | server CPU s per 1,000 (of the baseline) | PostgreSQL CPU s per 1,000 | server RSS MiB | failures',
  memory: 'moment | Credplex MiB | bare server MiB',
  keys: 'work | figure | goal',
  certificates: 'operation | median ms (min–max) | notes',
  commands: 'command | over `node -e 0`, ms (min–max) | goal',
  faults: 'program | size | result',
} as const;

const TITLES: Record<keyof typeof HEADS, string> = {
  requests: 'Requests against a bare server, interleaved pairs',
  memory: 'Resident memory',
  keys: 'Key generation',
  certificates: 'Certificates, bulk work, permissions',
  commands: 'Whole processes',
  faults: 'Faults, races, soak (`pnpm faults`)',
};

const FILE = new URL('../../../docs/benchmarks.md', import.meta.url);

/** Replaces the groups that were measured now; others stay as they were written. */
export function writeReport(lines: readonly Line[], how: string): void {
  let old = '';
  try {
    old = readFileSync(FILE, 'utf8');
  } catch {
    // The first run makes the file.
  }
  const sections = (Object.keys(HEADS) as (keyof typeof HEADS)[]).map((group) => {
    const own = lines.filter((line) => line.group === group);
    const title = `## ${TITLES[group]}`;
    if (own.length === 0) {
      const kept = old.indexOf(`${title}\n`);
      if (kept < 0) return '';
      const end = old.indexOf('\n## ', kept + title.length);
      return `${old.slice(kept, end < 0 ? undefined : end).trim()}\n`;
    }
    const head = HEADS[group];
    const rule = head.replaceAll(/[^|]+/g, '---');
    const date = new Date().toISOString().slice(0, 10);
    return `${title}\n\nMeasured ${date}, ${how}.\n\n| ${head} |\n|${rule}|\n${own.map((line) => `| ${line.text} |`).join('\n')}\n`;
  });
  const machine = `${availableParallelism()} cores (${cpus()[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${process.arch}, Node ${process.version}, no Node flags, load by ${loadTool()}`;
  writeFileSync(
    FILE,
    `# Benchmarks\n\nWritten by \`pnpm bench\` and \`pnpm faults\`. Only ratios of neighbours in one run count: absolute figures on a shared machine vary by a quarter.\n\nMachine: ${machine}.\n\n${sections.filter((text) => text !== '').join('\n')}`,
  );
}
