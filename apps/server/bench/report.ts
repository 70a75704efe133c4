/** Writes docs/contribute/benchmarks.md: one table per group, the machine and the flags. */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { loadTool } from './load.ts';

export interface Line {
  readonly group: keyof typeof HEADS;
  readonly text: string;
}

const HEADS = {
  requests:
    'operation | names | connections | ratio | goal | requests/s | p99 ms | CPU | bare CPU | PG CPU | MiB | failed',
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

/** Introduction of the page: how to read the tables. */
const MEANING = `# Benchmarks

Written by \`pnpm bench\` and \`pnpm faults\`; do not edit the tables.

## What the figures mean

For whoever runs a server on a machine like the one below:

- \`requests/s\` is what one server answers, with all connections together, and \`p99 ms\` the time within which 99 of
  100 answers came. A second server on the same database adds to it while there are processors left.
- \`MiB\` is the memory of one server; give a container the figure after 100,000 requests and half of it in addition.
- A start takes the time of "warm start"; the first one of a data folder also makes keys, and an embedded PostgreSQL.

Each request is measured against a server that does the least possible work for it: Hono on node:https, one prepared
statement, the same certificate and connections. The two run in turn, a few seconds each, and \`ratio\` is our rate
divided by the other one's. **Compare ratios, not rates**: on this shared machine rates vary by a quarter from run to
run, ratios by much less. A ratio of 0.6 means that our checks, encryption, audit and JSON take two fifths of the time.

- The baseline of reads is a bare SELECT, that of set a bare INSERT, that of generate our own set.
- Figures are the median of the pairs, with the least and the greatest in parentheses. \`goal\` is what we try to keep.
- \`CPU\`, \`bare CPU\` and \`PG CPU\` are seconds of processor time per 1,000 requests: ours, the baseline server's, and
  PostgreSQL's for ours. \`MiB\` is our resident memory afterwards.
- \`names\` is how many credentials were stored, \`connections\` how many clients sent requests at once.
- Times of commands are over \`node -e 0\`, which measures starting Node itself.

`;
const LINE_LENGTH = 118;
function wrapText(text: string): string {
  return text.replaceAll(new RegExp(`(.{1,${LINE_LENGTH}})(?: |$)`, 'g'), '$1\n');
}

const FILE = new URL('../../../docs/contribute/benchmarks.md', import.meta.url);

/** Returns the key of a line: the columns before its first figure. */
function keyOf(group: Line['group'], text: string): string {
  return text
    .split(' | ')
    .slice(0, group === 'requests' ? 3 : 1)
    .join(' | ');
}

/** Returns the lines of an existing table that were not measured again. */
function unchangedRows(section: string, group: Line['group'], own: readonly Line[]): string[] {
  const fresh = new Set(own.map((line) => keyOf(group, line.text)));
  return section
    .split('\n')
    .filter((row) => row.startsWith('| ') && row !== `| ${HEADS[group]} |` && !row.startsWith('| --- |'))
    .map((row) => row.slice(2, -2))
    .filter((text) => !fresh.has(keyOf(group, text)));
}

/** How the lines were measured, and whether they are all that `pnpm bench` measures. */
export interface Measured {
  readonly how: string;
  readonly isWhole: boolean;
}

/** Writes the page anew from a whole run; of a run of parts only the lines that were measured now. */
export function writeReport(lines: readonly Line[], { how, isWhole }: Measured): void {
  let old = '';
  try {
    old = readFileSync(FILE, 'utf8');
  } catch {
    // The first run makes the file.
  }
  const sections = (Object.keys(HEADS) as (keyof typeof HEADS)[]).map((group) => {
    const own = lines.filter((line) => line.group === group);
    const title = `## ${TITLES[group]}`;
    const start = old.indexOf(`${title}\n`);
    const end = start < 0 ? -1 : old.indexOf('\n## ', start + title.length);
    const section = start < 0 ? '' : old.slice(start, end < 0 ? undefined : end).trim();
    if (own.length === 0) return section === '' ? '' : `${section}\n`;
    const head = HEADS[group];
    const rule = head.replaceAll(/[^|]+/g, ' --- ').trim();
    const date = new Date().toISOString().slice(0, 10);
    return `${title}\n\nMeasured ${date}, ${how}.\n\n| ${head} |\n| ${rule} |\n${[...own.map((line) => line.text), ...(isWhole ? [] : unchangedRows(section, group, own))].map((text) => `| ${text} |`).join('\n')}\n`;
  });
  const machine = `${availableParallelism()} cores (${cpus()[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${process.arch}, Node ${process.version} (the launcher starts the server with --max-semi-space-size=6; the bare server has no flags), load by ${loadTool()}`;
  writeFileSync(
    FILE,
    `${MEANING}${wrapText(`Machine: ${machine}.`)}\n${sections.filter((text) => text !== '').join('\n')}`,
  );
}
