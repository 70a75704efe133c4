/** Benchmarks of whole processes, interleaved with `node -e 0`: import of core, warm start, packed command lines. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type BenchEnvironment, startServer } from './environment.ts';
import { installPacked, logIn } from './packed-cli.ts';
import { peakMiB } from './processes.ts';
import type { Line } from './report.ts';
import { spread, summary } from './stats.ts';

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

/** Returns the milliseconds above `node -e 0` of each interleaved run; `each` adds variables to a run. */
async function measureOverhead(
  args: readonly string[],
  env: Record<string, string>,
  times: number,
  each: (run: number) => Record<string, string> = () => ({}),
): Promise<number[]> {
  const figures: number[] = [];
  for (let i = 0; i < times; i += 1) {
    const floor = await run(['-e', '0']);
    figures.push((await run(args, { ...env, ...each(i) })) - floor);
  }
  return figures;
}

/** Gives each run an empty cache folder. */
function freshCache(home: string) {
  return (): Record<string, string> => ({
    XDG_CACHE_HOME: mkdtempSync(join(home, 'cache-')),
  });
}

function runOrThrow(command: string, args: string[], cwd: string): void {
  const done = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${command}: ${done.stdout}${done.stderr}`);
}

function builtCore(): string {
  const core = join(ROOT, 'packages/core');
  runOrThrow('pnpm', ['run', 'build'], core);
  return pathToFileURL(join(core, 'dist/index.js')).href;
}

/** Returns duration and peak memory of one run, which must succeed. */
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
  // The kernel records the peak, so sampling misses only the growth after the last sample.
  const sampler = setInterval(() => {
    mib = Math.max(mib, peakMiB(child.pid ?? 0));
  }, 20);
  const code = await new Promise((resolve) => child.once('exit', resolve));
  clearInterval(sampler);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${String(code)}`);
  return { seconds: (performance.now() - started) / 1000, mib };
}

/** Measures the import and the export of `count` credentials. */
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

export async function benchCommands(
  environment: BenchEnvironment,
  times: number,
  credentials: number,
): Promise<Line[]> {
  const line = (name: string, figures: number[], goal: string): Line => ({
    group: 'commands',
    text: `${name} | ${spread(summary(figures), 0)} | ${goal}`,
  });
  const lines = [
    line(
      "import '@credplex/core', built as packed",
      await measureOverhead(['--input-type=module', '-e', `import ${JSON.stringify(builtCore())}`], {}, times),
      '60',
    ),
  ];

  const dataDir = mkdtempSync(join(tmpdir(), 'credplex-warm-'));
  const env = {
    CREDPLEX_DATABASE_URL: environment.databaseUrl,
    CREDPLEX_DATA_DIR: environment.dataDir,
    CREDPLEX_LEVEL: '2',
  };
  const starts: number[] = [];
  for (let i = 0; i < 5; i += 1) {
    const server = await startServer(env);
    starts.push(server.startMs);
    const ended = new Promise((resolve) => server.process.once('exit', resolve));
    server.process.kill('SIGTERM');
    await ended;
  }
  lines.push(line('warm start until /health answers, outside PostgreSQL (ms in all)', starts, '500'));
  rmSync(dataDir, { recursive: true, force: true });

  const packed = installPacked(ROOT);
  const home = mkdtempSync(join(tmpdir(), 'credplex-home-'));
  try {
    const session = logIn(environment, home, packed.shipped);
    const words = { credhub: ['get', '-n', '/bench/f0/n1'], plexctl: ['whoami'] };
    for (const name of ['credhub', 'plexctl'] as const) {
      const request = words[name];
      const measured = [
        [`${name} --help`, ['--help'], '80'],
        [`${name} ${request[0]}`, request, '120'],
      ] as const;
      for (const [title, args, goal] of measured) {
        const file = packed.shipped(name);
        const first = await measureOverhead([file, ...args], session, times, freshCache(home));
        const later = await measureOverhead([file, ...args], session, times);
        const other = packed.withoutCode(name);
        const firstOther = await measureOverhead([other, ...args], session, times, freshCache(home));
        const laterOther = await measureOverhead([other, ...args], session, times);
        lines.push(
          line(`${title}, first run`, first, goal),
          line(`${title}, later runs`, later, goal),
          line(`${title}, first run on another release of Node`, firstOther, '–'),
          line(`${title}, later runs on it`, laterOther, goal),
        );
      }
    }
    lines.push(...(await benchFiles(packed.shipped('credhub'), session, credentials)));
  } finally {
    rmSync(home, { recursive: true, force: true });
    packed.remove();
  }
  return lines;
}
