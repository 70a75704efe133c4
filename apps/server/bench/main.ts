/**
 * `pnpm bench`: runs all benchmarks with their baselines and writes docs/contribute/benchmarks.md. `--only
 * requests,keys,…` (or a scenario's name), `--pairs 7`, `--seconds 5`, `--rows 1000,100000`, `--connections 1,10,50`,
 * `--quick`.
 */
import { parseArgs } from 'node:util';
import { benchCertificates, benchFind } from './certificates.ts';
import { benchCommands } from './commands.ts';
import { type BenchEnvironment, buildServer, startEnvironment } from './environment.ts';
import { benchKeys } from './keys.ts';
import { generateLoad } from './load.ts';
import { residentMiB } from './processes.ts';
import { type Line, writeReport } from './report.ts';
import { benchRequests, scenarios, seed } from './requests.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    pairs: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '5' },
    rows: { type: 'string', default: '1000,100000' },
    connections: { type: 'string', default: '1,10,50' },
    keys: { type: 'string', default: '400' },
    leaves: { type: 'string', default: '1000' },
    quick: { type: 'boolean', default: false },
    dry: { type: 'boolean', default: false },
  },
});
function numbers(text: string): number[] {
  return text.split(',').map(Number);
}
const words = values.only === '' ? [] : values.only.split(',');
function isSelected(group: string): boolean {
  return words.length === 0 || words.some((word) => group.includes(word));
}
const anyScenario = isSelected('requests') || scenarios.some((one) => words.some((word) => one.name.includes(word)));
const plan = values.quick
  ? { pairs: 1, seconds: 1, rows: [200], connections: [4] }
  : {
      pairs: Number(values.pairs),
      seconds: Number(values.seconds),
      rows: numbers(values.rows),
      connections: numbers(values.connections),
    };
const rows = Math.max(...plan.rows);

async function benchMemory(environment: BenchEnvironment): Promise<Line[]> {
  const rss = (): [number, number] => [
    residentMiB(environment.server.pid ?? 0),
    residentMiB(environment.bare.process.pid ?? 0),
  ];
  const line = (moment: string): Line => ({
    group: 'memory',
    text: `${moment} | ${rss()[0].toFixed(0)} | ${rss()[1].toFixed(0)}`,
  });
  const lines = [line('idle after the first start (goal 100)')];
  await seed(environment, 0, 100);
  const token = await environment.token();
  const target = values.quick ? 2_000 : 100_000;
  for (let sent = 0; sent < target; ) {
    const ours = await generateLoad({
      base: environment.base,
      connections: 10,
      seconds: 5,
      token,
      method: 'GET',
      path: '/api/v1/data?name=/bench/f{f}/n{n}',
      range: 100,
    });
    await generateLoad({
      base: environment.bare.base,
      connections: 10,
      seconds: 5,
      token,
      method: 'GET',
      path: '/get?name=/bench/f{f}/n{n}',
      range: 100,
    });
    sent += ours.requests;
  }
  lines.push(line(`after ${target.toLocaleString('en')} requests (goal: 50 over the bare server)`));
  return lines;
}

const lines: Line[] = [];
buildServer();
const environment = await startEnvironment();
try {
  if (isSelected('memory')) lines.push(...(await benchMemory(environment)));
  if (anyScenario)
    lines.push(
      ...(await benchRequests(
        environment,
        plan,
        (name) => words.length === 0 || isSelected('requests') || words.some((w) => name.includes(w)),
      )),
    );
  else if (isSelected('find') || isSelected('commands') || isSelected('keys'))
    await seed(environment, 0, isSelected('find') ? rows : 200);
  if (isSelected('keys')) lines.push(...(await benchKeys(environment, values.quick ? 16 : Number(values.keys))));
  if (isSelected('certificates'))
    lines.push(...(await benchCertificates(environment, values.quick ? 30 : Number(values.leaves))));
  if (isSelected('find')) lines.push(...(await benchFind(environment, rows)));
  if (isSelected('commands'))
    lines.push(...(await benchCommands(environment, values.quick ? 3 : 15, values.quick ? 500 : 10_000)));
} finally {
  await environment.stop();
}
for (const line of lines) process.stdout.write(`${line.group}: ${line.text}\n`);
if (!values.dry && !values.quick)
  writeReport(lines, {
    how: `${plan.pairs} interleaved pairs of ${plan.seconds} s baseline and ${plan.seconds} s ours`,
    isWhole: words.length === 0,
  });
