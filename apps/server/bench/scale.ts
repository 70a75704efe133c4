/** Loads many names by COPY, and measures what an operation costs there and with few names. */
import { createDatabase } from '@credplex/storage/testing';
import postgres from 'postgres';
import { copyNames } from './copy-names.ts';
import type { BenchEnvironment } from './environment.ts';
import { goalLine } from './goals.ts';
import { generateLoad, requireAnswers } from './load.ts';
import { type PeerServer, startPeerServer } from './peer-server.ts';
import { cpuSeconds, residentMiB } from './processes.ts';
import type { Line } from './report.ts';
import type { Plan } from './requests.ts';
import { GENERATE, GET_BY_NAME, SET, type Shape } from './scenarios.ts';
import type { Costs, OperationCost } from './sizing.ts';
import { round, spread, summary } from './stats.ts';

const FEW_NAMES = 1_000;
const CONNECTIONS = 50;
const GOAL = 1.15;

interface Side {
  readonly peer: PeerServer;
  readonly names: number;
  readonly sql: postgres.Sql;
}

async function startSide(environment: BenchEnvironment, names: number): Promise<Side> {
  const databaseUrl = await createDatabase({ server: environment.postgresUrl, empty: true });
  const peer = await startPeerServer(environment, { databaseUrl });
  await copyNames(peer, names);
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  const { status, text } = await peer.call('GET', '/api/v1/data?name=/bench/f0/n7');
  if (status !== 200) throw new Error(`a loaded name does not open: ${status} ${text}`);
  return { peer, names, sql };
}

async function walBytes(sql: postgres.Sql): Promise<number> {
  const [row] = await sql`select (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::float8 as bytes`;
  return Number(row?.['bytes']);
}

async function measure(
  environment: BenchEnvironment,
  { peer, names, sql }: Side,
  shape: Shape,
  seconds: number,
): Promise<OperationCost> {
  const token = await peer.token();
  const walBefore = await walBytes(sql);
  const before = [cpuSeconds(peer.pid), cpuSeconds(environment.postgresPid)] as const;
  const load = { ...shape, base: peer.base, connections: CONNECTIONS, seconds, token, range: names };
  const answered = await generateLoad(load);
  requireAnswers(answered);
  const { requests, perSecond } = answered;
  return {
    serverSeconds: (cpuSeconds(peer.pid) - before[0]) / requests,
    postgresSeconds: (cpuSeconds(environment.postgresPid) - before[1]) / requests,
    walBytes: ((await walBytes(sql)) - walBefore) / requests,
    perSecond,
  };
}

function medianCost(costs: readonly OperationCost[]): OperationCost {
  const of = (figure: (cost: OperationCost) => number): number => summary(costs.map(figure)).median;
  return {
    serverSeconds: of((cost) => cost.serverSeconds),
    postgresSeconds: of((cost) => cost.postgresSeconds),
    walBytes: of((cost) => cost.walBytes),
    perSecond: of((cost) => cost.perSecond),
  };
}

async function bytesOf({ sql, names }: Side): Promise<Pick<Costs, 'nameBytes' | 'nameIndexBytes'>> {
  const [row] = await sql`
    select (pg_total_relation_size('credential') + pg_total_relation_size('credential_version'))::float8 as total,
      (pg_indexes_size('credential') + pg_indexes_size('credential_version'))::float8 as indexes`;
  return { nameBytes: Number(row?.['total']) / names, nameIndexBytes: Number(row?.['indexes']) / names };
}

async function usageOf({ sql, peer }: Side): Promise<Pick<Costs, 'auditBytes' | 'connections' | 'serverMiB'>> {
  const [row] = await sql`
    select pg_total_relation_size('audit_event')::float8 / greatest(count(*), 1) as audit,
      (select count(*)::int - 1 from pg_stat_activity where datname = current_database()) as connections
    from audit_event`;
  return {
    auditBytes: Number(row?.['audit']),
    connections: Number(row?.['connections']),
    serverMiB: residentMiB(peer.pid),
  };
}

const total = ({ serverSeconds, postgresSeconds }: OperationCost): number => serverSeconds + postgresSeconds;

/** Compares gets of `names` names with gets of 1,000, in interleaved pairs, and measures the costs of operations. */
export async function benchScale(
  environment: BenchEnvironment,
  plan: Pick<Plan, 'pairs' | 'seconds'>,
  names: number,
): Promise<{ lines: Line[]; costs: Costs }> {
  const sides: Side[] = [];
  try {
    const few = await startSide(environment, FEW_NAMES);
    sides.push(few);
    const many = await startSide(environment, names);
    sides.push(many);
    const bytes = await bytesOf(many);
    const cost = (side: Side, shape: Shape, seconds = plan.seconds) => measure(environment, side, shape, seconds);
    for (const side of sides) await cost(side, GET_BY_NAME, 3);
    const pairs: { few: OperationCost; many: OperationCost }[] = [];
    for (let pair = 0; pair < plan.pairs; pair += 1)
      pairs.push({ few: await cost(few, GET_BY_NAME), many: await cost(many, GET_BY_NAME) });
    const operations: Record<string, OperationCost> = { 'get by name': medianCost(pairs.map((pair) => pair.many)) };
    for (const [name, shape] of [['set of a new name', SET] as const, ['generate a password', GENERATE] as const]) {
      await cost(many, shape, 3);
      const measured: OperationCost[] = [];
      for (let time = 0; time < plan.pairs; time += 1) measured.push(await cost(many, shape));
      operations[name] = medianCost(measured);
    }
    const costs: Costs = { names, operations, ...bytes, ...(await usageOf(many)) };
    const ratio = summary(pairs.map((pair) => total(pair.many) / total(pair.few)));
    return { lines: linesOf(ratio, pairs, names), costs };
  } finally {
    for (const { peer, sql } of sides) {
      await sql.end();
      await peer.stop();
    }
  }
}

function linesOf(
  ratio: ReturnType<typeof summary>,
  pairs: readonly { few: OperationCost; many: OperationCost }[],
  names: number,
): Line[] {
  const sides = [
    [FEW_NAMES, pairs.map(({ few }) => few)],
    [names, pairs.map(({ many }) => many)],
  ] as const;
  const rows = sides.map(([count, costs]): Line => {
    const { serverSeconds, postgresSeconds, perSecond } = medianCost(costs);
    const columns = [`get by name, ${CONNECTIONS} connections`, count.toLocaleString('en'), round(perSecond, 0)];
    return {
      group: 'scale',
      text: [...columns, round(serverSeconds * 1000, 3), round(postgresSeconds * 1000, 3)].join(' | '),
    };
  });
  process.stderr.write(`scale: CPU per get ${spread(ratio)}\n`);
  return [
    ...rows,
    goalLine({
      operation: `get by name, ${names.toLocaleString('en')} names`,
      against: `CPU per get with ${FEW_NAMES.toLocaleString('en')} names`,
      connections: CONNECTIONS,
      figure: ratio,
      goal: GOAL,
      atMost: true,
    }),
  ];
}
