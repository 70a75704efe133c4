/** Writes the measured costs, and what follows from them, into docs/operate/sizing.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { machineText } from './report.ts';

export interface OperationCost {
  /** Seconds of processor time per operation. */
  readonly serverSeconds: number;
  readonly postgresSeconds: number;
  readonly walBytes: number;
  readonly perSecond: number;
}

export interface Costs {
  /** Names that were stored. */
  readonly names: number;
  readonly operations: Readonly<Record<string, OperationCost>>;
  /** Bytes on disk per name with one version, and those of its indexes. */
  readonly nameBytes: number;
  readonly nameIndexBytes: number;
  /** Bytes on disk per audit row, indexes included. */
  readonly auditBytes: number;
  /** Connections to PostgreSQL that were open under load. */
  readonly connections: number;
  /** Resident memory of the server. */
  readonly serverMiB: number;
}

const FILE = new URL('../../../docs/operate/sizing.md', import.meta.url);
const START = '<!-- Written by `pnpm bench --only scale`; do not edit. -->';
const END = '<!-- End of what `pnpm bench` writes. -->';

/** Share of a core that is planned for: the rest is for peaks and for the failure of a machine. */
const UTILIZATION = 0.6;
const YEAR_SECONDS = 365 * 86_400;
const DAY_SECONDS = 86_400;
const TARGETS = { gets: 10_000, sets: 1_000, names: 10_000_000 } as const;

const micro = (seconds: number): string => (seconds * 1e6).toFixed(0);
const cores = (rate: number, seconds: number): string => ((rate * seconds) / UTILIZATION).toFixed(1);
const count = (value: number): string => Math.round(value).toLocaleString('en');
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
const gigabytes = (bytes: number): string => {
  const value = bytes / 1e9;
  return `${value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 1 : 0 })} GB`;
};

function table(head: string, rows: readonly (readonly (string | number)[])[]): string {
  const rule = head.replaceAll(/[^|]+/g, ' --- ').trim();
  return [`| ${head} |`, `| ${rule} |`, ...rows.map((row) => `| ${row.join(' | ')} |`)].join('\n');
}

function measuredTables(costs: Costs): string {
  const operations = Object.entries(costs.operations).map(([name, cost]) => [
    name,
    micro(cost.serverSeconds),
    micro(cost.postgresSeconds),
    count(cost.walBytes),
    count(cost.perSecond),
  ]);
  const sizes = [
    ['a name with one version (a password of 30 characters)', `${count(costs.nameBytes)} bytes on disk`],
    ['of that, indexes', `${count(costs.nameIndexBytes)} bytes`],
    ['an audit row, indexes included', `${count(costs.auditBytes)} bytes on disk`],
    ['connections of a worker to PostgreSQL, under load', count(costs.connections)],
    ['resident memory of a worker, under load', `${count(costs.serverMiB)} MiB`],
  ];
  const head = 'operation | server, us | PostgreSQL, us | WAL, bytes | of one worker, per second';
  return `${table(head, operations)}\n\n${table('unit | size', sizes)}`;
}

function needsTable(costs: Costs): string {
  const zero: OperationCost = { serverSeconds: 0, postgresSeconds: 0, walBytes: 0, perSecond: 0 };
  const { 'get by name': get = zero, 'set of a new name': set = zero } = costs.operations;
  const { gets, sets, names } = TARGETS;
  const rates = [
    ['gets', gets, get, 0],
    ['sets of new names', sets, set, costs.nameBytes],
  ] as const;
  const head =
    'load | cores, server | cores, PostgreSQL | WAL per second | audit rows per year | disk per day | per year';
  const rows = rates.map(([name, rate, cost, stored]) => [
    `${count(rate)} ${name}/s`,
    cores(rate, cost.serverSeconds),
    cores(rate, cost.postgresSeconds),
    megabytes(rate * cost.walBytes),
    count(rate * YEAR_SECONDS),
    gigabytes(rate * DAY_SECONDS * (stored + costs.auditBytes)),
    gigabytes(rate * YEAR_SECONDS * (stored + costs.auditBytes)),
  ]);
  const stock = [
    [
      `${count(names)} names with one version`,
      gigabytes(names * costs.nameBytes),
      gigabytes(names * costs.nameIndexBytes),
    ],
    [`${count(names)} audit rows`, gigabytes(names * costs.auditBytes), '–'],
  ];
  return `${table(head, rows)}\n\n${table('stock | disk | of that indexes, which should fit into memory', stock)}`;
}

/** Replaces the marked block of the page. @throws Error when the page has no such block */
export function writeSizing(costs: Costs, how: string): void {
  const page = readFileSync(FILE, 'utf8');
  const [start, end] = [page.indexOf(START), page.indexOf(END)];
  if (start < 0 || end < start) throw new Error('docs/operate/sizing.md has no block for what is measured');
  const date = new Date().toISOString().slice(0, 10);
  const block = `### Measured

Measured ${date} with ${count(costs.names)} names stored, 50 connections, ${how}.

${machineText()}

${measuredTables(costs)}

### What follows

Cores are those that are busy at most ${UTILIZATION * 100} % of the time.

${needsTable(costs)}`;
  writeFileSync(FILE, `${page.slice(0, start)}${START}\n\n${block}\n\n${page.slice(end)}`);
}
