// `pnpm check`: everything that can be said about the sources without running the suites. One line per check.
import { spawnSync } from 'node:child_process';

const checks = {
  'format and typed lint': ['biome', 'check', '.'],
  types: ['tsc', '--noEmit', '-p', 'tsconfig.check.json'],
  'layers and import cycles': [process.execPath, 'scripts/layers.mjs'],
  'unused code and dependencies': ['knip'],
  'OpenAPI copies are fresh': [process.execPath, 'packages/contract/scripts/openapi.ts', '--check'],
  'packages are publishable': [process.execPath, 'scripts/publishable.mjs'],
};
const asked = process.argv.slice(2);
let failures = 0;
for (const [name, [command, ...args]] of Object.entries(checks)) {
  if (asked.length > 0 && !asked.some((word) => name.includes(word))) continue;
  const started = performance.now();
  const run = spawnSync(command, args, { encoding: 'utf8' });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (run.status === 0) {
    process.stdout.write(`ok    ${name} (${seconds} s)\n`);
    continue;
  }
  failures += 1;
  process.stdout.write(
    `FAIL  ${name} (${seconds} s)\n${run.stdout ?? ''}${run.stderr ?? ''}${run.error?.message ?? ''}\n`,
  );
}
process.exit(failures === 0 ? 0 : 1);
