/** Writes docs/contribute/benchmarks.md: one table per group, the machine and the flags. */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { loadTool } from './load.ts';

export interface Line {
  readonly group: keyof typeof HEADS;
  readonly text: string;
}

const HEADS = {
  goals: 'operation | compared with | connections | median (quartiles) | goal | reached',
  requests:
    'operation | names | clients | ratio | per s | bare per s | p99 ms | bare p99 | CPU | bare CPU | PG CPU | MiB | failed',
  openbao:
    'operation | clients | ratio | per s | bao per s | p99 ms | bao p99 | CPU | bao CPU for it | own bao CPU | failed',
  workers: 'operation | ratio of CPU | one, CPU | two, CPU | one, per s | two, per s | two, MiB | failed',
  scale: 'operation | names | requests/s | CPU | PG CPU',
  audit: 'look-up | audit rows | median ms (quartiles)',
  handshakes: 'connection with one request | at once | ratio | connections/s | CPU | resumed | failed',
  memory: 'moment | Credplex MiB | bare server MiB',
  keys: 'work | figure | goal',
  certificates: 'operation | median ms (quartiles) | notes',
  commands: 'command | over `node -e 0`, ms (quartiles) | goal',
  faults: 'program | size | result',
} as const;

const TITLES: Record<keyof typeof HEADS, string> = {
  goals: 'Ratios and goals',
  requests: 'Requests against a bare server, interleaved pairs',
  openbao: "Get and set against OpenBao's KV-v2, interleaved rounds",
  workers: 'Two workers at 100 connections against one at 50',
  scale: 'Many names',
  audit: 'Look-ups in a large audit table',
  handshakes: 'New TLS connections against a bare server, interleaved pairs',
  memory: 'Resident memory',
  keys: 'Key generation',
  certificates: 'Certificates, bulk work, permissions',
  commands: 'Whole processes',
  faults: 'Faults, races, soak (`pnpm faults`)',
};

/** Columns before the first figure, by which a line is known. Default: 1. */
const KEY_COLUMNS: Partial<Record<keyof typeof HEADS, number>> = {
  goals: 3,
  requests: 3,
  openbao: 2,
  handshakes: 2,
  scale: 2,
  audit: 2,
};

/** Introduction of the page: how to read the tables. */
const MEANING = `# Benchmarks

Written by \`pnpm bench\` and \`pnpm faults\`; do not edit the tables.

## What the figures mean

For whoever runs a server: **the first table has ratios, and ratios are what carries over to another machine.**

A ratio of 1 to the bare server means that permissions, encryption and audit cost nothing at that number of connections.
A get or set then costs what HTTP, TLS and PostgreSQL cost anyway. A ratio of 0.7 means that three tenths of the capacity
go into them. Rates and times in the other tables are those of one small machine whose processors the load
generator shares; [sizing](../operate/sizing.md) says what to expect of yours.

- \`MiB\` is the memory of one server; give a container the figure after 500,000 requests and half of it in addition.
- A start takes the time of "warm start"; the first one of a data folder also makes keys, and an embedded PostgreSQL.

Each request is measured against a server that does the least possible work for it: Hono on node:https, one prepared
SELECT or INSERT, with the same certificate, cipher suite, connections and V8 flags. Both are restarted and warmed up
for each operation, then run in turn, a few seconds each; \`ratio\` is our rate divided by the other one's. **Compare
ratios, not rates**: on this shared machine rates vary by a quarter from run to run, ratios by much less.

- Figures are the median of the pairs, with the quartiles in parentheses. A goal is reached when the median reaches it.
- \`CPU\`, \`bare CPU\` and \`PG CPU\` are seconds of processor time per 1,000 requests: ours, the baseline server's, and
  PostgreSQL's for ours. \`MiB\` is our resident memory afterwards.
- \`names\` is how many credentials were stored, \`clients\` how many connections sent requests at once.
- OpenBao ("bao") is the peer of get and set: KV-v2 on raft storage, same certificate, cipher suite and connections.
  "through the OpenBao vault" is a Credplex with that OpenBao as its vault. Each get and set then contains a request to
  OpenBao: with a ratio of 0.5 a client pays as much for Credplex as for the OpenBao behind it.
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
    .slice(0, KEY_COLUMNS[group] ?? 1)
    .join(' | ');
}

/** Returns the lines of an existing table that were not measured again. */
function unchangedRows(section: string, group: Line['group'], own: readonly Line[]): string[] {
  // Rows under other columns are of an earlier form of the table.
  if (!section.includes(`| ${HEADS[group]} |`)) return [];
  const fresh = new Set(own.map((line) => keyOf(group, line.text)));
  return section
    .split('\n')
    .filter((row) => row.startsWith('| ') && row !== `| ${HEADS[group]} |` && !row.startsWith('| --- |'))
    .map((row) => row.slice(2, -2))
    .filter((text) => !fresh.has(keyOf(group, text)));
}

/** Describes the machine in one paragraph. */
export function machineText(): string {
  const memory = Math.round(totalmem() / 2 ** 30);
  const machine = `${availableParallelism()} cores (${cpus()[0]?.model ?? 'unknown'}), ${memory} GiB, ${process.platform} ${process.arch}`;
  return wrapText(`Machine: ${machine}, Node ${process.version}, load by ${loadTool()} on the same machine.`).trim();
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
  writeFileSync(FILE, `${MEANING}${machineText()}\n\n${sections.filter((text) => text !== '').join('\n')}`);
}
