/** Whole processes against `node -e 0`, interleaved: importing core, a warm start, the packed command lines. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { peakMiB } from './processes.ts';
import type { Line } from './report.ts';
import { spread, summary } from './stats.ts';
import { startServer, type World } from './world.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

function run(args: readonly string[], env: Record<string, string> = {}): Promise<number> {
  const started = performance.now();
  const child = spawn(process.execPath, [...args], {
    cwd: join(ROOT, 'apps/server'),
    env: { PATH: process.env['PATH'] ?? '', HOME: tmpdir(), ...env },
    stdio: 'ignore',
  });
  return new Promise((resolve) => child.once('exit', () => resolve(performance.now() - started)));
}

async function over(args: readonly string[], env: Record<string, string>, times: number): Promise<number[]> {
  const figures: number[] = [];
  for (let i = 0; i < times; i += 1) {
    const floor = await run(['-e', '0']);
    figures.push((await run(args, env)) - floor);
  }
  return figures;
}

function must(command: string, args: string[], cwd: string): void {
  const done = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${command}: ${done.stdout}${done.stderr}`);
}

/** Packs apps/cli and installs the tarball into an empty folder; resolves to the folder of its bins. */
function installPacked(): { bins: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'credplex-packed-'));
  const cli = join(ROOT, 'apps/cli');
  must('pnpm', ['run', 'build'], cli);
  must('pnpm', ['pack', '--pack-destination', folder], cli);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
  must('npm', ['install', '-g', '--prefix', join(folder, 'npm'), join(folder, tarball)], folder);
  return { bins: join(folder, 'npm', 'bin'), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function builtCore(): string {
  const core = join(ROOT, 'packages/core');
  must('pnpm', ['run', 'build'], core);
  return pathToFileURL(join(core, 'dist/index.js')).href;
}

/** Seconds and peak memory of one run, which must succeed. */
async function runLong(
  args: readonly string[],
  env: Record<string, string>,
): Promise<{ seconds: number; mib: number }> {
  const started = performance.now();
  const child = spawn(process.execPath, [...args], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let mib = 0;
  // The kernel keeps the peak itself, so looking now and then misses only what the last moment adds.
  const look = setInterval(() => {
    mib = Math.max(mib, peakMiB(child.pid ?? 0));
  }, 20);
  const code = await new Promise((resolve) => child.once('exit', resolve));
  clearInterval(look);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${String(code)}`);
  return { seconds: (performance.now() - started) / 1000, mib };
}

/** Import of a file with `count` credentials, then the export of the same. */
async function benchFiles(credhub: string, session: Record<string, string>, count: number): Promise<Line[]> {
  const folder = mkdtempSync(join(tmpdir(), 'credplex-files-'));
  const file = join(folder, 'many.yml');
  const item = (i: number): string =>
    `- name: /files/f${i % 100}/n${i}\n  type: ${i % 2 === 0 ? 'value' : 'password'}\n  value: a-secret-of-forty-characters-number-${i}\n`;
  writeFileSync(file, `credentials:\n${Array.from({ length: count }, (_, i) => item(i)).join('')}`);
  const title = `${count.toLocaleString('en')} credentials, local server`;
  const lines: Line[] = [];
  const runs = [
    ['import', ['-f', file], 30],
    ['export', ['-p', '/files', '-f', join(folder, 'out.yml')], 10],
  ] as const;
  for (const [name, words, goal] of runs) {
    const { seconds, mib } = await runLong([credhub, name, ...words], session);
    lines.push(
      { group: 'commands', text: `credhub ${name} of ${title} (seconds in all) | ${seconds.toFixed(1)} | ${goal}` },
      { group: 'commands', text: `its peak of resident memory (MiB in all) | ${mib.toFixed(0)} | 150` },
    );
  }
  rmSync(folder, { recursive: true, force: true });
  return lines;
}

export async function benchCommands(world: World, times: number, credentials: number): Promise<Line[]> {
  const line = (name: string, figures: number[], goal: string): Line => ({
    group: 'commands',
    text: `${name} | ${spread(summary(figures), 0)} | ${goal}`,
  });
  const lines = [
    line(
      "import '@credplex/core', built as packed",
      await over(['--input-type=module', '-e', `import ${JSON.stringify(builtCore())}`], {}, times),
      '60',
    ),
  ];

  const dataDir = mkdtempSync(join(tmpdir(), 'credplex-warm-'));
  const env = { CREDPLEX_DATABASE_URL: world.databaseUrl, CREDPLEX_DATA_DIR: world.dataDir, CREDPLEX_LEVEL: '2' };
  const starts: number[] = [];
  for (let i = 0; i < 5; i += 1) {
    const again = await startServer(env);
    starts.push(again.startMs);
    const ended = new Promise((resolve) => again.process.once('exit', resolve));
    again.process.kill('SIGTERM');
    await ended;
  }
  lines.push(line('warm start until /health answers, outside PostgreSQL (ms in all)', starts, '1000'));
  rmSync(dataDir, { recursive: true, force: true });

  const packed = installPacked();
  try {
    const { credhub, plexctl } = { credhub: join(packed.bins, 'credhub'), plexctl: join(packed.bins, 'plexctl') };
    if (!existsSync(credhub) || !existsSync(plexctl)) throw new Error('a bin is missing in the packed tarball');
    const home = mkdtempSync(join(tmpdir(), 'credplex-home-'));
    const session = await login(world, home, credhub, plexctl);
    lines.push(
      line('credhub --help', await over([credhub, '--help'], session, times), '70'),
      line('plexctl --help', await over([plexctl, '--help'], session, times), '70'),
      line('credhub get', await over([credhub, 'get', '-n', '/bench/f0/n1'], session, times), '90'),
      line('plexctl whoami', await over([plexctl, 'whoami'], session, times), '90'),
      ...(await benchFiles(credhub, session, credentials)),
    );
    rmSync(home, { recursive: true, force: true });
  } finally {
    packed.remove();
  }
  return lines;
}

async function login(world: World, home: string, credhub: string, plexctl: string): Promise<Record<string, string>> {
  const { readFileSync } = await import('node:fs');
  const operator = JSON.parse(readFileSync(join(world.dataDir, 'operator.json'), 'utf8')) as Record<string, string>;
  const env = { PATH: process.env['PATH'] ?? '', HOME: home };
  const must = (args: string[], input: string): void => {
    const done = spawnSync(process.execPath, args, { env, input, encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`${args.join(' ')}: ${done.stdout}${done.stderr}`);
  };
  const base = world.base.replace('127.0.0.1', 'localhost');
  must(
    [credhub, 'login', '-s', base, '--ca-cert', world.ca, '-u', operator['user'] ?? ''],
    `${operator['password'] ?? ''}\n`,
  );
  must(
    [plexctl, 'login', '--server', base, '--ca-cert', world.ca, '--token-file', '-'],
    operator['plexsphere_token'] ?? '',
  );
  return { HOME: home };
}
