/** Benchmarks requests in interleaved pairs of the bare server and Credplex; only the ratios within pairs are compared. */
import postgres from 'postgres';
import type { BenchEnvironment } from './environment.ts';
import { generateLoad, type Load } from './load.ts';
import { cpuSeconds, residentMiB } from './processes.ts';
import type { Line } from './report.ts';
import { round, spread, summary } from './stats.ts';

export interface Plan {
  readonly pairs: number;
  readonly seconds: number;
  readonly rows: readonly number[];
  readonly connections: readonly number[];
}

type Shape = Pick<Load, 'method' | 'path' | 'body'>;
const SELECT: Shape = { method: 'GET', path: '/get?name=/bench/f{f}/n{n}' };
const INSERT: Shape = {
  method: 'PUT',
  path: '/set',
  body: '{"name":"/b/{u}","value":"a-value-of-thirty-characters-x"}',
};
const SET: Shape = {
  method: 'PUT',
  path: '/api/v1/data',
  body: '{"name":"/bench-set/{u}","type":"password","value":"a-value-of-thirty-characters-x"}',
};

interface Scenario {
  readonly name: string;
  readonly ours: Shape;
  readonly against: { readonly shape: Shape; readonly own: boolean };
  readonly goal?: number;
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'get by name',
    ours: { method: 'GET', path: '/api/v1/data?name=/bench/f{f}/n{n}' },
    against: { shape: SELECT, own: false },
    goal: 0.6,
  },
  {
    name: 'get by id',
    ours: { method: 'GET', path: '/api/v1/data/{id}' },
    against: { shape: SELECT, own: false },
  },
  { name: 'set', ours: SET, against: { shape: INSERT, own: false }, goal: 0.5 },
  {
    name: 'generate password',
    ours: { method: 'POST', path: '/api/v1/data', body: '{"name":"/bench-gen/{u}","type":"password","parameters":{}}' },
    against: { shape: SET, own: true },
    goal: 0.9,
  },
  {
    name: 'converge hit',
    ours: {
      method: 'POST',
      path: '/api/v1/data',
      body: '{"name":"/bench-hit/one","type":"password","mode":"converge","parameters":{}}',
    },
    against: { shape: SELECT, own: false },
  },
  {
    name: 'find by path, 100 hits',
    ours: { method: 'GET', path: '/api/v1/data?path=/bench/f{f}' },
    against: { shape: SELECT, own: false },
  },
];

/** Stores names up to `rows` through the API, and as many rows in the table of the bare server by SQL. */
export async function seed(environment: BenchEnvironment, from: number, rows: number): Promise<string[]> {
  const sql = postgres(environment.databaseUrl, { max: 1, onnotice: () => {} });
  await sql`insert into bench_value select gen_random_uuid(), '/bench/f' || n / 100 || '/n' || n, 'a-value-of-thirty-characters-x'::bytea
    from generate_series(${from}::int, ${rows - 1}::int) n on conflict do nothing`;
  const ids: string[] = [];
  let next = from;
  const worker = async (): Promise<void> => {
    while (next < rows) {
      const n = next;
      next += 1;
      const answer = await environment.call('PUT', '/api/v1/data', {
        name: `/bench/f${Math.floor(n / 100)}/n${n}`,
        type: 'password',
        value: 'a-value-of-thirty-characters-x',
      });
      if (answer.status !== 200) throw new Error(`seeding: ${answer.status} ${answer.text}`);
      if (ids.length < 1000) ids.push((JSON.parse(answer.text) as { id: string }).id);
    }
  };
  await Promise.all(Array.from({ length: 10 }, worker));
  await environment.call('POST', '/api/v1/data', { name: '/bench-hit/one', type: 'password', parameters: {} });
  await sql`analyze`;
  await sql.end();
  return ids;
}

export async function benchRequests(
  environment: BenchEnvironment,
  plan: Plan,
  only: (name: string) => boolean,
): Promise<Line[]> {
  const lines: Line[] = [];
  let stored = 0;
  let ids: string[] = [];
  for (const rows of plan.rows) {
    const made = await seed(environment, stored, rows);
    ids = ids.length > 0 ? ids : made;
    stored = rows;
    for (const scenario of scenarios) {
      if (!only(scenario.name)) continue;
      if (!scenario.against.own) await warmUpBare(environment, scenario.against.shape, rows);
      for (const connections of plan.connections) {
        lines.push(await measurePairs(environment, plan, scenario, { rows, connections, ids }));
        process.stderr.write(`${lines.at(-1)?.text}\n`);
      }
    }
  }
  return lines;
}

/** Warms up a new process of the bare server, so that compilation is not measured. */
async function warmUpBare(environment: BenchEnvironment, shape: Shape, range: number): Promise<void> {
  await environment.restartBare();
  await generateLoad({
    ...shape,
    base: environment.bare.base,
    connections: 10,
    seconds: 3,
    token: await environment.token(),
    range,
  });
}

async function measurePairs(
  environment: BenchEnvironment,
  plan: Plan,
  scenario: Scenario,
  size: { rows: number; connections: number; ids: readonly string[] },
): Promise<Line> {
  const token = await environment.token();
  const common = { connections: size.connections, seconds: plan.seconds, token, range: size.rows, ids: size.ids };
  const ratios: number[] = [];
  const rates: number[] = [];
  const p99: number[] = [];
  const baseCpu: number[] = [];
  const serverCpu: number[] = [];
  const postgresCpu: number[] = [];
  let failures = 0;
  for (let pair = 0; pair < plan.pairs; pair += 1) {
    const base = scenario.against.own ? environment.base : environment.bare.base;
    const baseServer = scenario.against.own ? environment.server : environment.bare.process;
    const baseBefore = cpuSeconds(baseServer.pid ?? 0);
    const bare = await generateLoad({ ...common, ...scenario.against.shape, base });
    baseCpu.push(((cpuSeconds(baseServer.pid ?? 0) - baseBefore) / bare.requests) * 1000);
    const before = [cpuSeconds(environment.server.pid ?? 0), cpuSeconds(environment.postgresPid)] as const;
    const ours = await generateLoad({ ...common, ...scenario.ours, base: environment.base });
    serverCpu.push(((cpuSeconds(environment.server.pid ?? 0) - before[0]) / ours.requests) * 1000);
    postgresCpu.push(((cpuSeconds(environment.postgresPid) - before[1]) / ours.requests) * 1000);
    ratios.push(ours.perSecond / bare.perSecond);
    rates.push(ours.perSecond);
    p99.push(ours.p99Ms);
    failures += ours.failures + bare.failures;
  }
  const ratio = summary(ratios);
  return {
    group: 'requests',
    text: [
      scenario.name,
      size.rows.toLocaleString('en'),
      size.connections,
      spread(ratio),
      scenario.goal ?? '–',
      spread(summary(rates), 0),
      round(summary(p99).median, 1),
      round(summary(serverCpu).median, 2),
      round(summary(baseCpu).median, 2),
      round(summary(postgresCpu).median, 2),
      round(residentMiB(environment.server.pid ?? 0), 0),
      failures,
    ].join(' | '),
  };
}
