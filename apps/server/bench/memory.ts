/** Measures resident memory: after a start, and after many requests. */
import type { BenchEnvironment } from './environment.ts';
import { goalLine } from './goals.ts';
import { generateLoad } from './load.ts';
import { residentMiB } from './processes.ts';
import type { Line } from './report.ts';
import { GET_BY_NAME, type Shape } from './scenarios.ts';
import { seed } from './seed.ts';
import { summary } from './stats.ts';

const GOAL_MIB = 170;
const NAMES = 1_000;
const CONNECTIONS = 50;

/** Sends gets until `requests` were answered. */
async function sendGets(base: string, shape: Shape, token: () => Promise<string>, requests: number): Promise<void> {
  for (let sent = 0; sent < requests; ) {
    const load = { ...shape, base, connections: CONNECTIONS, seconds: 5, token: await token(), range: NAMES };
    sent += (await generateLoad(load)).requests;
  }
}

export async function benchMemory(environment: BenchEnvironment, requests: number): Promise<Line[]> {
  const { token } = environment;
  const resident = (): [number, number] => [
    residentMiB(environment.server.pid ?? 0),
    residentMiB(environment.bare.process.pid ?? 0),
  ];
  const line = (moment: string, [ours, bare]: [number, number]): Line => ({
    group: 'memory',
    text: `${moment} | ${ours.toFixed(0)} | ${bare.toFixed(0)}`,
  });
  const lines = [line('idle after the first start (goal 110)', resident())];
  await seed(environment, 0, NAMES);
  await environment.restartServer();
  await environment.restartBare();
  await sendGets(environment.base, GET_BY_NAME, token, requests);
  await sendGets(environment.bare.base, { method: 'GET', path: '/get?name=/bench/f{f}/n{n}' }, token, requests);
  const after = resident();
  const moment = `after ${requests.toLocaleString('en')} requests`;
  lines.push(line(`${moment} (goal ${GOAL_MIB})`, after));
  const figure = summary([after[0]]);
  return [
    ...lines,
    goalLine({
      operation: `resident memory ${moment}`,
      against: 'MiB',
      connections: CONNECTIONS,
      figure,
      goal: GOAL_MIB,
      atMost: true,
      digits: 0,
    }),
  ];
}
