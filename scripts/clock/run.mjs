// Runs the date-dependent suites with shifted clocks; see README.md in this folder.
//   node scripts/clock/run.mjs           400 days ahead, compared with the results of the `npm test` before it (CI)
//   node scripts/clock/run.mjs --all     beside two busy loops, then 400 days ahead, then on 29 February 2028 (`pnpm faults`)
//   --ahead DAYS  --only FOLDER        another offset, one folder
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    all: { type: 'boolean', default: false },
    ahead: { type: 'string', default: '400' },
    only: { type: 'string' },
  },
});
const { suites, excluded, realTime } = JSON.parse(readFileSync(join(import.meta.dirname, 'suites.json'), 'utf8'));
const folders = Object.keys(suites).filter((folder) => values.only === undefined || folder === values.only);
const resultsFolder = resolve('node_modules/.cache/credplex/clock');
const DAY_SECONDS = 86_400;

/** Returns the variables that shift the clock of a process and, through inherit.mjs, of its child processes. */
function shiftedBy(seconds) {
  const [library] = globSync('/usr/lib/*/faketime/libfaketime.so.1');
  if (library === undefined) throw new Error('libfaketime is missing: apt-get install faketime');
  return {
    LD_PRELOAD: library,
    FAKETIME: `+${seconds}`,
    // Shifts only the calendar time, not the monotonic clock of timers.
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    // Node asks by statx, which libfaketime leaves alone: so times of files are the kernel's for every program.
    NO_FAKE_STAT: '1',
    NODE_OPTIONS: `--import ${join(import.meta.dirname, 'inherit.mjs')}`,
  };
}

/** Checks the time of a process without inherited variables. @throws Error when it is not the shifted time */
function checkClock(environment, seconds) {
  const script = 'console.log(require("node:child_process").execFileSync("date", ["+%s"], { env: {} }).toString())';
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], {
    env: { ...process.env, ...environment },
    encoding: 'utf8',
  });
  const off = Number(stdout) - (Date.now() / 1000 + seconds);
  if (stdout === '' || Math.abs(off) > 60) throw new Error(`the clock is not shifted: ${stdout.trim()} ${stderr}`);
}

/** Converts a test name of the results, with ` > ` between its parts, to a pattern for `-t`. */
function patternOf(name) {
  return name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(' ', ' (?:> )?');
}

function excludedIn(folder) {
  return excluded.filter((one) => one.suite === folder);
}

function runSuites(folder, label, environment) {
  const output = join(resultsFolder, `${folder.replaceAll('/', '-')}-${label.replaceAll(/\W+/g, '-')}.json`);
  const isShifted = 'FAKETIME' in environment;
  const names = isShifted ? excludedIn(folder).map(({ test }) => patternOf(test)) : [];
  const filter = names.length === 0 ? [] : ['-t', `^(?!(${names.join('|')})$)`];
  const words = ['run', ...suites[folder], ...filter, '--reporter=json', `--outputFile=${output}`];
  const { status } = spawnSync(resolve('node_modules/.bin/vitest'), words, {
    cwd: folder,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (!existsSync(output)) throw new Error(`${folder}: vitest ended with ${status} and left no results`);
  return { counts: countsOf(folder, output), passed: status === 0 };
}

/** Returns the number of tests per file of the chosen suites, and prints failures. */
function countsOf(folder, resultsFile) {
  const { testResults } = JSON.parse(readFileSync(resultsFile, 'utf8'));
  const counts = new Map();
  for (const { name, status, message, assertionResults } of testResults) {
    const file = relative(resolve(folder), name);
    if (!suites[folder].some((chosen) => file === chosen || file.startsWith(`${chosen}/`))) continue;
    const ran = assertionResults.filter((test) => test.status === 'passed' || test.status === 'failed');
    counts.set(file, ran.length);
    if (status === 'failed' && message) process.stdout.write(`failed  ${folder}/${file}: ${firstLines(message)}\n`);
    for (const test of ran.filter((one) => one.status === 'failed')) {
      process.stdout.write(`failed  ${folder}/${file}: ${test.fullName}\n    ${firstLines(test.failureMessages[0])}\n`);
    }
  }
  return counts;
}

function firstLines(text) {
  return (text ?? '').split('\n').slice(0, 4).join('\n    ');
}

function sum(counts) {
  return [...counts.values()].reduce((total, count) => total + count, 0);
}

/** Checks that every file ran as many tests as without the shift, except the excluded ones. */
function differences(folder, plain, counts) {
  const lines = [];
  for (const file of new Set([...plain.keys(), ...counts.keys()])) {
    const left = excludedIn(folder).filter((one) => one.file === file).length;
    const expected = (plain.get(file) ?? 0) - left;
    const ran = counts.get(file) ?? 0;
    if (ran !== expected) lines.push(`${folder}/${file}: ${ran} tests ran, ${expected} were expected`);
  }
  for (const { file, test } of excludedIn(folder)) {
    if (!plain.has(file)) lines.push(`${folder}/${file}: excluded test in a file that did not run: ${test}`);
  }
  return lines;
}

/** Runs the suites; returns whether all tests ran and passed. Fills `plain` if it is empty. */
function runClock({ label, seconds }, plain) {
  const started = performance.now();
  const environment = seconds === 0 ? {} : shiftedBy(seconds);
  if (seconds !== 0) checkClock(environment, seconds);
  let good = true;
  let ran = 0;
  let expected = 0;
  for (const folder of folders) {
    const { counts, passed } = runSuites(folder, label, environment);
    good &&= passed;
    ran += sum(counts);
    if (!plain.has(folder)) plain.set(folder, counts);
    expected += sum(plain.get(folder));
    for (const line of seconds === 0 ? [] : differences(folder, plain.get(folder), counts)) {
      good = false;
      process.stdout.write(`${line}\n`);
    }
  }
  const day = new Date(Date.now() + seconds * 1000).toISOString().slice(0, 10);
  const left = seconds === 0 ? 0 : folders.flatMap(excludedIn).length;
  process.stdout.write(
    `${good ? 'ok  ' : 'FAIL'}  ${label} (${day}): ${ran} tests ran, ${expected} plainly less ${left} excluded` +
      ` (${((performance.now() - started) / 1000).toFixed(0)} s)\n`,
  );
  return good;
}

function besideBusyLoops(count, work) {
  const loops = Array.from({ length: count }, () => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
  try {
    return work();
  } finally {
    for (const loop of loops) loop.kill('SIGKILL');
  }
}

for (const folder of folders) {
  // A suite that was moved would leave the run unnoticed: both runs would count none of its tests.
  const missing = suites[folder].filter((path) => !existsSync(join(folder, path)));
  if (missing.length > 0) throw new Error(`suites.json names what is not in ${folder}: ${missing.join(', ')}`);
}
mkdirSync(resultsFolder, { recursive: true });
const ahead = { label: `${values.ahead} days ahead`, seconds: Number(values.ahead) * DAY_SECONDS };
const leapDay = Math.round((Date.parse('2028-02-29T12:00:00Z') - Date.now()) / 1000);
const plain = new Map();
let good = true;
if (values.all) {
  good = besideBusyLoops(2, () => runClock({ label: 'beside two busy loops', seconds: 0 }, plain));
} else {
  for (const folder of folders) {
    const file = join(folder, 'test-results.json');
    if (!existsSync(file)) throw new Error(`${file} is missing: run \`npm test\` first, or use --all`);
    plain.set(folder, countsOf(folder, file));
  }
}
for (const clock of values.all ? [ahead, { label: 'on 29 February 2028', seconds: leapDay }] : [ahead]) {
  good = runClock(clock, plain) && good;
}
for (const { suite, file, program, notCovered } of realTime) {
  process.stdout.write(`real time for ${program} in ${suite}/${file}, not covered: ${notCovered}\n`);
}
for (const { suite, file, test, reason } of excluded)
  process.stdout.write(`excluded: ${suite}/${file}: ${test}: ${reason}\n`);
process.exit(good ? 0 : 1);
