/**
 * `pnpm faults`: runs every program at full size and writes docs/contribute/benchmarks.md. `--small` for CI, `--only
 * race`, `--size N`, `--workers N` for servers with several workers.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Line, writeReport } from '@credplex/server/bench/report';
import { clocks } from './clocks.ts';
import { hostile } from './hostile.ts';
import { kill } from './kill.ts';
import { outage } from './outage.ts';
import { postmaster } from './postmaster.ts';
import type { Program } from './program.ts';
import { race } from './race.ts';
import { reads } from './reads.ts';
import { schemathesis } from './schemathesis.ts';
import { soak } from './soak.ts';
import { standby } from './standby.ts';
import { workers as workersProgram } from './workers.ts';

const programs: readonly Program[] = [
  race,
  reads,
  kill,
  workersProgram,
  postmaster,
  outage,
  hostile,
  standby,
  schemathesis,
  soak,
  clocks,
];
const { values } = parseArgs({
  options: {
    small: { type: 'boolean', default: false },
    only: { type: 'string' },
    size: { type: 'string' },
    workers: { type: 'string', default: '1' },
  },
});
const workers = Number(values.workers);
// The programs run the bundle. It is built when there is none or the sources have changed.
const build = fileURLToPath(new URL('../scripts/build-once.mjs', import.meta.url));
execFileSync(process.execPath, [build], { stdio: ['ignore', 'inherit', 'inherit'] });

const lines: Line[] = [];
let failed = 0;
for (const program of programs) {
  if (values.only !== undefined && !values.only.split(',').includes(program.name)) continue;
  if (values.small && program.wholeOnly) continue;
  const size = values.size === undefined ? program.sizes[values.small ? 'small' : 'whole'] : Number(values.size);
  const started = performance.now();
  try {
    const seen = await program.run(size, { workers });
    process.stdout.write(`ok    ${program.name} (${((performance.now() - started) / 1000).toFixed(0)} s): ${seen}\n`);
    lines.push({ group: 'faults', text: `${program.name} | ${size} | ${seen}` });
  } catch (error) {
    failed += 1;
    process.stdout.write(
      `FAIL  ${program.name} (${program.proves}): ${error instanceof Error ? error.message : String(error)}\n`,
    );
  }
}
if (!values.small && failed === 0 && values.only === undefined && workers === 1)
  writeReport(lines, { how: 'each at its whole size', isWhole: false });
process.exit(failed === 0 ? 0 : 1);
