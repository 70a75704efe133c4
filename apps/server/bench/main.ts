/**
 * `pnpm bench`: runs all benchmarks with their baselines and writes docs/contribute/benchmarks.md. `--only
 * requests,keys,…` (or a scenario's name; `main`: get by name, set and generate, some 12 minutes with `--rows 1000`),
 * `--pairs 7`, `--seconds 5`, `--rows 1000,100000`, `--connections 1,10,50`, `--names 1000000` of `scale`, `--audit-rows
 * 10000000` of `audit`, `--requests 500000` of `memory`, `--quick`.
 */
import { parseArgs } from 'node:util';
import { benchAudit } from './audit-lookups.ts';
import { benchCertificates, benchFind } from './certificates.ts';
import { benchCommands } from './commands.ts';
import { buildServer, startEnvironment } from './environment.ts';
import { benchHandshakes } from './handshakes.ts';
import { benchKeys } from './keys.ts';
import { benchMemory } from './memory.ts';
import { benchOpenBao } from './openbao.ts';
import { type Line, writeReport } from './report.ts';
import { benchRequests } from './requests.ts';
import { benchScale } from './scale.ts';
import { scenarios } from './scenarios.ts';
import { seed } from './seed.ts';
import { writeSizing } from './sizing.ts';
import { benchWorkers } from './workers.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    pairs: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '5' },
    rows: { type: 'string', default: '1000,100000' },
    connections: { type: 'string', default: '1,10,50' },
    names: { type: 'string', default: '1000000' },
    'audit-rows': { type: 'string', default: '10000000' },
    requests: { type: 'string', default: '500000' },
    keys: { type: 'string', default: '400' },
    leaves: { type: 'string', default: '1000' },
    quick: { type: 'boolean', default: false },
    dry: { type: 'boolean', default: false },
  },
});
function numbers(text: string): number[] {
  return text.split(',').map(Number);
}
const MAIN = ['get by name', 'set', 'generate'];
const words = values.only === '' ? [] : values.only.split(',').flatMap((word) => (word === 'main' ? MAIN : [word]));
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
const how = `${plan.pairs} interleaved pairs of ${plan.seconds} s baseline and ${plan.seconds} s ours`;

const lines: Line[] = [];
buildServer();
const environment = await startEnvironment();
try {
  if (isSelected('memory'))
    lines.push(...(await benchMemory(environment, values.quick ? 2_000 : Number(values.requests))));
  if (anyScenario)
    lines.push(
      ...(await benchRequests(
        environment,
        plan,
        (name) => words.length === 0 || isSelected('requests') || words.some((w) => name.includes(w)),
      )),
    );
  if (isSelected('openbao')) lines.push(...(await benchOpenBao(environment, plan)));
  if (isSelected('workers')) lines.push(...(await benchWorkers(environment, plan)));
  if (isSelected('scale')) {
    const { lines: measured, costs } = await benchScale(environment, plan, values.quick ? 2_000 : Number(values.names));
    lines.push(...measured);
    if (!values.dry && !values.quick) writeSizing(costs, `medians of ${plan.pairs} runs of ${plan.seconds} s`);
  }
  if (isSelected('audit'))
    lines.push(...(await benchAudit(environment, values.quick ? 100_000 : Number(values['audit-rows']))));
  if (!anyScenario && (isSelected('find') || isSelected('commands') || isSelected('keys')))
    await seed(environment, 0, isSelected('find') ? rows : 200);
  if (isSelected('handshakes')) lines.push(...(await benchHandshakes(environment, plan)));
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
    how,
    isWhole: words.length === 0,
  });
