/** Benchmarks requests in interleaved pairs of the bare server and Credplex; only the ratios within pairs are compared. */
import type { BenchEnvironment } from './environment.ts';
import { goalLine } from './goals.ts';
import { generateLoad, type LoadResult } from './load.ts';
import { cpuSeconds, residentMiB } from './processes.ts';
import type { Line } from './report.ts';
import { type Scenario, type Shape, scenarios } from './scenarios.ts';
import { seed } from './seed.ts';
import { round, spread, summary } from './stats.ts';

export interface Plan {
  readonly pairs: number;
  readonly seconds: number;
  readonly rows: readonly number[];
  readonly connections: readonly number[];
}

const WARM_UP_SECONDS = 3;
const WARM_UP_CONNECTIONS = 10;

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
      await restartWarm(environment, scenario, { rows, ids });
      for (const connections of plan.connections) {
        const measured = await measurePairs(environment, plan, scenario, { rows, connections, ids });
        // The goals are for the smallest number of names, where the bare server is fastest.
        lines.push(measured.line, ...(rows === plan.rows[0] ? measured.goals : []));
        process.stderr.write(`${measured.line.text}\n`);
      }
    }
  }
  return lines;
}

interface Size {
  readonly rows: number;
  readonly ids: readonly string[];
}

/**
 * Starts both servers anew and warms them up: compilation is not measured, and a process that has served other requests for minutes
 * is slower than a fresh one.
 */
async function restartWarm(environment: BenchEnvironment, scenario: Scenario, { rows, ids }: Size): Promise<void> {
  await environment.restartServer();
  await environment.restartBare();
  const token = await environment.token();
  const warmUp = (shape: Shape, base: string) =>
    generateLoad({
      ...shape,
      base,
      connections: WARM_UP_CONNECTIONS,
      seconds: WARM_UP_SECONDS,
      token,
      range: rows,
      ids,
    });
  await warmUp(scenario.bare, environment.bare.base);
  await warmUp(scenario.ours, environment.base);
}

interface Pair {
  readonly bare: LoadResult;
  readonly ours: LoadResult;
  /** Seconds of processor time per 1,000 requests. */
  readonly bareCpu: number;
  readonly serverCpu: number;
  readonly postgresCpu: number;
}

async function measurePairs(
  environment: BenchEnvironment,
  plan: Plan,
  scenario: Scenario,
  size: Size & { readonly connections: number },
): Promise<{ line: Line; goals: Line[] }> {
  const token = await environment.token();
  const common = { connections: size.connections, seconds: plan.seconds, token, range: size.rows, ids: size.ids };
  const pairs: Pair[] = [];
  for (let pair = 0; pair < plan.pairs; pair += 1) {
    const [barePid, serverPid] = [environment.bare.process.pid ?? 0, environment.server.pid ?? 0];
    const bareBefore = cpuSeconds(barePid);
    const bare = await generateLoad({ ...common, ...scenario.bare, base: environment.bare.base });
    const bareCpu = ((cpuSeconds(barePid) - bareBefore) / bare.requests) * 1000;
    const before = [cpuSeconds(serverPid), cpuSeconds(environment.postgresPid)] as const;
    const ours = await generateLoad({ ...common, ...scenario.ours, base: environment.base });
    const serverCpu = ((cpuSeconds(serverPid) - before[0]) / ours.requests) * 1000;
    const postgresCpu = ((cpuSeconds(environment.postgresPid) - before[1]) / ours.requests) * 1000;
    pairs.push({ bare, ours, bareCpu, serverCpu, postgresCpu });
  }
  const of = (figure: (pair: Pair) => number) => summary(pairs.map(figure));
  return {
    line: requestLine(scenario, size, pairs, residentMiB(environment.server.pid ?? 0)),
    goals: goalsOf(scenario, size.connections, of),
  };
}

function requestLine(
  scenario: Scenario,
  { rows, connections }: { rows: number; connections: number },
  pairs: readonly Pair[],
  mib: number,
): Line {
  const of = (figure: (pair: Pair) => number) => summary(pairs.map(figure));
  const columns = [
    scenario.name,
    rows.toLocaleString('en'),
    connections,
    spread(of(({ ours, bare }) => ours.perSecond / bare.perSecond)),
    spread(
      of(({ ours }) => ours.perSecond),
      0,
    ),
    round(of(({ bare }) => bare.perSecond).median, 0),
    round(of(({ ours }) => ours.p99Ms).median, 1),
    round(of(({ bare }) => bare.p99Ms).median, 1),
    round(of(({ serverCpu }) => serverCpu).median, 3),
    round(of(({ bareCpu }) => bareCpu).median, 3),
    round(of(({ postgresCpu }) => postgresCpu).median, 3),
    round(mib, 0),
    pairs.reduce((sum, { ours, bare }) => sum + ours.failures + bare.failures, 0),
  ];
  return { group: 'requests', text: columns.join(' | ') };
}

function goalsOf(
  { name, goals, p99Goals }: Scenario,
  connections: number,
  of: (figure: (pair: Pair) => number) => ReturnType<typeof summary>,
): Line[] {
  const lines: Line[] = [];
  const [goal, p99Goal] = [goals?.[connections], p99Goals?.[connections]];
  if (goal !== undefined) {
    const figure = of(({ ours, bare }) => ours.perSecond / bare.perSecond);
    lines.push(goalLine({ operation: name, against: "bare server's rate", connections, figure, goal }));
  }
  if (p99Goal !== undefined) {
    const figure = of(({ ours, bare }) => ours.p99Ms / bare.p99Ms);
    lines.push(
      goalLine({ operation: name, against: "bare server's p99", connections, figure, goal: p99Goal, atMost: true }),
    );
  }
  return lines;
}
