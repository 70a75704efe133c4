// Checks the tarball of each published package: built files, licence, README, no workspace protocol, existing exports.
// Then installs all tarballs into an empty folder outside the repository, runs the example of each README there, and
// checks the size of an installed server.
import { spawnSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, extname, join, resolve } from 'node:path';

function run(command, args, cwd, env = process.env) {
  const done = spawnSync(command, args, { cwd, env, encoding: 'utf8' });
  if (done.status !== 0)
    throw new Error(`${command} ${args.join(' ')}: ${done.stdout}${done.stderr}${done.error?.message ?? ''}`);
  return done.stdout;
}

const faults = [];
function manifestOf(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

const folders = ['packages', 'apps']
  .flatMap((parent) => readdirSync(parent).map((name) => join(parent, name)))
  .filter((folder) => !manifestOf(folder).private);
const licence = readFileSync('LICENSE', 'utf8');

/** Packs a folder, records problems of the tarball, and returns its path. */
function pack(folder, target) {
  const out = run('pnpm', ['pack', '--pack-destination', target, '--json'], folder);
  const packed = JSON.parse(out.slice(out.search(/[[{]/)));
  const tarball = resolve(target, (Array.isArray(packed) ? packed[0] : packed).filename);
  const read = (name) => run('tar', ['-xOzf', tarball, `package/${name}`]);
  const names = run('tar', ['-tzf', tarball])
    .trim()
    .split('\n')
    .map((name) => name.replace(/^package\//, ''));
  const manifest = JSON.parse(read('package.json'));
  if (JSON.stringify(manifest).includes('workspace:'))
    faults.push(`${folder}: a workspace: version is left in the manifest`);
  if (names.some((name) => /\.test\.[tj]s$|test-results/.test(name))) faults.push(`${folder}: tests are packed`);
  if (!names.includes('LICENSE') || read('LICENSE') !== licence)
    faults.push(`${folder}: LICENSE is not that of the repository`);
  if (!names.includes('README.md')) faults.push(`${folder}: README.md is not packed`);
  const paths = JSON.stringify(manifest.exports ?? {}).match(/\.\/[^"]+\.(?:js|d\.ts)/g) ?? [];
  for (const path of [...paths, ...Object.values(manifest.bin ?? {})])
    if (!names.includes(path.replace(/^\.\//, ''))) faults.push(`${folder}: ${path} is not in the tarball`);
  const lint = spawnSync('publint', ['run', tarball, '--strict'], { encoding: 'utf8' });
  if (lint.status !== 0) faults.push(`${folder}: ${lint.stdout}${lint.stderr}`);
  return tarball;
}

/** Installs tarballs as a user would; overrides resolve their dependencies on each other, because no registry has them. */
function install(tarballs, folder, ...flags) {
  mkdirSync(folder);
  const own = Object.fromEntries([...tarballs].map(([name, tarball]) => [name, `file:${tarball}`]));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies: own }));
  const overrides = Object.entries(own).map(([name, source]) => `  '${name}': '${source}'\n`);
  // pnpm runs only allowed install scripts; that of the embedded PostgreSQL links its shared libraries.
  const [allowed] = /^allowBuilds:\n(?: .*\n)+/m.exec(readFileSync('pnpm-workspace.yaml', 'utf8')) ?? [''];
  writeFileSync(join(folder, 'pnpm-workspace.yaml'), `overrides:\n${overrides.join('')}${allowed}`);
  run('pnpm', ['install', '--prefer-offline', '--reporter=silent', ...flags], folder);
}

const EXAMPLE = /<!-- `pnpm check publishable` runs this[^>]*-->\n```(js|ts|sh)\n([\s\S]*?)```/;
/** Runs the marked example of a README in the folder of an installation. */
function runExample(folder, installed) {
  const [, language, code] = EXAMPLE.exec(readFileSync(join(folder, 'README.md'), 'utf8')) ?? [];
  if (code === undefined) {
    faults.push(`${folder}: README.md has no example that is marked to be run`);
    return;
  }
  const file = join(installed, `example-${folder.replaceAll(/\W/g, '-')}.${language}`);
  writeFileSync(file, code);
  const bin = join(installed, 'node_modules', '.bin');
  const env = { ...process.env, HOME: installed, PATH: `${bin}${delimiter}${process.env.PATH}` };
  const [command, ...args] = extname(file) === '.sh' ? ['bash', '-euo', 'pipefail', file] : [process.execPath, file];
  const done = spawnSync(command, args, { cwd: installed, env, encoding: 'utf8', timeout: 120_000 });
  if (done.status !== 0) faults.push(`${folder}: the example of README.md fails: ${done.stdout}${done.stderr}`);
}

const MIB = 2 ** 20;
/** The server with its dependencies, without the optional embedded PostgreSQL and without Node; with both. */
const SERVER_LIMIT_MIB = 25;
const WHOLE_LIMIT_MIB = 300;

function sizeOf(path) {
  const own = lstatSync(path);
  if (!own.isDirectory()) return own.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}

function checkServerSizes(tarballs, folder) {
  const name = '@credplex/server';
  const bare = join(folder, 'bare');
  install(new Map([[name, tarballs.get(name)]]), bare, '--no-optional');
  const server = sizeOf(join(bare, 'node_modules')) / MIB;
  const whole = join(folder, 'whole');
  install(new Map([[name, tarballs.get(name)]]), whole);
  const both = (sizeOf(join(whole, 'node_modules')) + statSync(realpathSync(process.execPath)).size) / MIB;
  const sizes = [
    ['without Node and PostgreSQL', server, SERVER_LIMIT_MIB],
    ['with both', both, WHOLE_LIMIT_MIB],
  ];
  for (const [what, size, limit] of sizes) {
    const text = `the installed server, ${what}: ${size.toFixed(1)} MiB, at most ${limit}`;
    if (size > limit) faults.push(text);
    else process.stdout.write(`${text}\n`);
  }
  if (both - server < 50) faults.push('the embedded PostgreSQL was not installed, so the size with it is not known');
}

const target = mkdtempSync(join(tmpdir(), 'credplex-pack-'));
try {
  for (const folder of folders) if (manifestOf(folder).scripts?.build) run('pnpm', ['run', 'build'], folder);
  const tarballs = new Map(folders.map((folder) => [manifestOf(folder).name, pack(folder, target)]));
  const installed = join(target, 'installed');
  install(tarballs, installed);
  for (const folder of folders) runExample(folder, installed);
  checkServerSizes(tarballs, target);
} finally {
  rmSync(target, { recursive: true, force: true });
}
for (const fault of faults) process.stdout.write(`${fault}\n`);
process.exit(faults.length === 0 ? 0 : 1);
