// `npm test`: runs every package's suite with turbo, then prints failed tests, skipped tests with their reasons, and a summary line.
// Under CI a skipped test is a failure, because `.ci/run` installs everything that tests need.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const packages = ['packages', 'apps'].flatMap((parent) => readdirSync(parent).map((name) => join(parent, name)));
function resultsOf(folder) {
  return join(folder, 'test-results.json');
}
for (const folder of packages) rmSync(resultsOf(folder), { force: true });

// Flushes freshly installed files to disk: otherwise the fsync of a database would wait for them and statements would time out.
spawnSync('sync');

const turbo = spawnSync(
  'turbo',
  ['run', 'test', '--concurrency=1', '--output-logs=full', '--log-order=stream', '--continue'],
  {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' },
  },
);

let passed = 0;
let failed = 0;
const skipped = [];
/** Repeated at the end, where readers of a long log look first. */
const failures = [];
function firstLines(text) {
  return (text ?? '').split('\n').slice(0, 12).join('\n    ');
}
for (const folder of packages) {
  if (!existsSync(resultsOf(folder))) {
    process.stdout.write(`${folder}: no results\n`);
    failed += 1;
    continue;
  }
  const results = JSON.parse(readFileSync(resultsOf(folder), 'utf8'));
  for (const file of results.testResults) {
    if (file.assertionResults.length === 0 && file.status === 'failed') {
      failed += 1;
      failures.push(`${folder}: ${file.name}\n    ${firstLines(file.message)}`);
    }
    for (const test of file.assertionResults) {
      if (test.status === 'passed') passed += 1;
      else if (test.status === 'failed') {
        failed += 1;
        failures.push(`${folder}: ${test.fullName}\n    ${test.failureMessages.map(firstLines).join('\n    ')}`);
      } else skipped.push(`${folder}: ${test.fullName}`);
    }
  }
}
for (const failure of failures) process.stdout.write(`failed  ${failure}\n`);
for (const title of skipped) process.stdout.write(`skipped  ${title}\n`);
const refused = process.env['CI'] === 'true' && skipped.length > 0;
if (refused) process.stdout.write('Skipped tests are failures in CI.\n');
const closing = `${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}\n`;
mkdirSync('node_modules/.cache/credplex', { recursive: true });
writeFileSync('node_modules/.cache/credplex/test-summary.txt', closing);
process.stdout.write(closing);
process.exit(failed > 0 || refused || (turbo.status !== 0 && passed === 0) || turbo.status !== 0 ? 1 : 0);
