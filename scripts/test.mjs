// `npm test`: every package's suite through turbo, then one closing line that counts. What failed is named, a skipped test with its
// reason; under CI it is a failure, since `.ci/run` installs all that a test may ask for.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const packages = ['packages', 'apps'].flatMap((room) => readdirSync(room).map((name) => join(room, name)));
function resultsOf(folder) {
  return join(folder, 'test-results.json');
}
for (const folder of packages) rmSync(resultsOf(folder), { force: true });

// What was just installed is still on its way to the disk; a database's fsync would wait for it, longer than a hot statement may.
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
/** Named once more at the end, where a long log is read first. */
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
