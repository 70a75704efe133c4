// `pnpm check`: all static checks, one line each. Each is a turbo task (turbo.json) whose input is every file of the repository, so
// a cached result is used only when no file has changed.
import { spawnSync } from 'node:child_process';

const parts = {
  format: 'format and typed lint',
  types: 'types',
  layers: 'layers and import cycles',
  schema: 'schema and migrations agree',
  unused: 'unused code and dependencies',
  citations: 'citations resolve',
  prose: 'prose of the docs',
  openapi: 'OpenAPI copies are fresh',
  publishable: 'packages are publishable',
};
const flags = ['--output-logs=errors-only', '--log-prefix=none', '--log-order=grouped', '--no-color'];
const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' };
/** Returns the output of the check without turbo's own lines, or the whole output when turbo failed before. */
function outputOf({ stdout, stderr, error }) {
  return (
    /cache miss, executing \w+\n([\s\S]*?)\n\s*Tasks: /.exec(stdout ?? '')?.[1] ??
    `${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`
  );
}

const words = process.argv.slice(2);
let failures = 0;
for (const [part, name] of Object.entries(parts)) {
  if (words.length > 0 && !words.some((word) => name.includes(word) || part === word)) continue;
  const started = performance.now();
  const run = spawnSync('turbo', ['run', `check:${part}`, ...flags], { encoding: 'utf8', env });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (run.status === 0) {
    const unchanged = /1 cached, 1 total/.test(run.stdout);
    process.stdout.write(`ok    ${name} (${unchanged ? 'nothing changed' : `${seconds} s`})\n`);
    continue;
  }
  failures += 1;
  process.stdout.write(`FAIL  ${name} (${seconds} s)\n${outputOf(run).trim()}\n`);
}
process.exit(failures === 0 ? 0 : 1);
