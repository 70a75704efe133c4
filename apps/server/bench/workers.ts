/** Benchmarks a server with two workers against one with one: the processor time of server and PostgreSQL per request. */
import type { BenchEnvironment } from './environment.ts';
import { goalLine } from './goals.ts';
import { generateLoad, requireAnswers } from './load.ts';
import { startPeerServer } from './peer-server.ts';
import { cpuSeconds, residentOfTree } from './processes.ts';
import type { Line } from './report.ts';
import type { Plan } from './requests.ts';
import { GET_BY_NAME, SET, type Shape } from './scenarios.ts';
import { seed } from './seed.ts';
import { round, spread, summary } from './stats.ts';

const NAMES = 1_000;
const GOAL = 1.15;
const LOADS: readonly (readonly [string, Shape])[] = [
  ['get by name', GET_BY_NAME],
  ['set', SET],
];

export async function benchWorkers(
  environment: BenchEnvironment,
  plan: Pick<Plan, 'pairs' | 'seconds'>,
): Promise<Line[]> {
  await seed(environment, 0, NAMES);
  const lines: Line[] = [];
  for (const [name, shape] of LOADS) {
    await environment.restartServer();
    const two = await startPeerServer(environment, { env: { CREDPLEX_WORKERS: '2' } });
    try {
      const own = { base: environment.base, pid: environment.server.pid ?? 0, token: environment.token };
      // Each server names its own address in its tokens.
      const sides = [
        { ...own, connections: 50 },
        { base: two.base, pid: two.pid, token: two.token, connections: 100 },
      ] as const;
      const measure = async (side: (typeof sides)[number], seconds: number) => {
        const { base, pid, connections } = side;
        const token = await side.token();
        const before = cpuSeconds(pid) + cpuSeconds(environment.postgresPid);
        const load = await generateLoad({ ...shape, base, connections, seconds, token, range: NAMES });
        const cpu = cpuSeconds(pid) + cpuSeconds(environment.postgresPid) - before;
        requireAnswers(load);
        return { cpu: (cpu / load.requests) * 1000, rate: load.perSecond, failures: load.failures };
      };
      for (const side of sides) await measure(side, 3);
      const pairs: { one: Awaited<ReturnType<typeof measure>>; two: Awaited<ReturnType<typeof measure>> }[] = [];
      for (let pair = 0; pair < plan.pairs; pair += 1)
        pairs.push({ one: await measure(sides[0], plan.seconds), two: await measure(sides[1], plan.seconds) });
      const ratio = summary(pairs.map((pair) => pair.two.cpu / pair.one.cpu));
      const columns = [
        name,
        spread(ratio),
        round(summary(pairs.map((pair) => pair.one.cpu)).median, 3),
        round(summary(pairs.map((pair) => pair.two.cpu)).median, 3),
        round(summary(pairs.map((pair) => pair.one.rate)).median, 0),
        round(summary(pairs.map((pair) => pair.two.rate)).median, 0),
        residentOfTree(two.pid)
          .map((mib) => mib.toFixed(0))
          .join(' + '),
        pairs.reduce((sum, pair) => sum + pair.one.failures + pair.two.failures, 0),
      ];
      lines.push(
        { group: 'workers', text: columns.join(' | ') },
        goalLine({
          operation: `${name}, two workers`,
          against: "one worker's CPU per request",
          connections: '100, 50',
          figure: ratio,
          goal: GOAL,
          atMost: true,
        }),
      );
    } finally {
      await two.stop();
    }
  }
  return lines;
}
