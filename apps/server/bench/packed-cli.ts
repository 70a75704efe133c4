/** Installs the command lines as users do: packed, and in a read-only folder. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchEnvironment } from './environment.ts';

type Bin = (name: 'credhub' | 'plexctl') => string;

interface Packed {
  /** Path of a program as packed, with V8's compiled code for this release of Node. */
  readonly shipped: Bin;
  /** Path of a program without the compiled code, as on another release of Node. */
  readonly withoutCode: Bin;
  remove(): void;
}

/** Packs apps/cli and installs the tarball into a read-only folder (root can still write to it). */
export function installPacked(root: string): Packed {
  const folder = mkdtempSync(join(tmpdir(), 'credplex-packed-'));
  const cli = join(root, 'apps/cli');
  runOrThrow('pnpm', ['run', 'build'], cli);
  runOrThrow('pnpm', ['pack', '--pack-destination', folder], cli);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
  runOrThrow('npm', ['install', '-g', '--prefix', join(folder, 'shipped'), join(folder, tarball)], folder);
  cpSync(join(folder, 'shipped'), join(folder, 'other'), { recursive: true, verbatimSymlinks: true });
  for (const file of readdirSync(join(folder, 'other'), { recursive: true, encoding: 'utf8' })) {
    if (file.endsWith('.bin')) rmSync(join(folder, 'other', file));
  }
  runOrThrow('chmod', ['-R', 'a-w', 'shipped', 'other'], folder);
  const binIn =
    (prefix: string): Bin =>
    (name) => {
      const file = join(folder, prefix, 'bin', name);
      if (!existsSync(file)) throw new Error(`${name} is missing in the packed tarball`);
      return file;
    };
  return {
    shipped: binIn('shipped'),
    withoutCode: binIn('other'),
    remove: () => {
      runOrThrow('chmod', ['-R', 'u+w', folder], tmpdir());
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Logs in with both programs; returns the environment variables of the sessions. */
export function logIn(environment: BenchEnvironment, home: string, bin: Bin): Record<string, string> {
  const operator = JSON.parse(readFileSync(join(environment.dataDir, 'operator.json'), 'utf8')) as Record<
    string,
    string
  >;
  const env = { PATH: process.env['PATH'] ?? '', HOME: home };
  const run = (args: string[], input: string): void => {
    const done = spawnSync(process.execPath, args, { env, input, encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`${args.join(' ')}: ${done.stdout}${done.stderr}`);
  };
  const base = environment.base.replace('127.0.0.1', 'localhost');
  const user = operator['user'] ?? '';
  run(
    [bin('credhub'), 'login', '-s', base, '--ca-cert', environment.ca, '-u', user],
    `${operator['password'] ?? ''}\n`,
  );
  const token = operator['plexsphere_token'] ?? '';
  run([bin('plexctl'), 'login', '--server', base, '--ca-cert', environment.ca, '--token-file', '-'], token);
  return { HOME: home };
}

function runOrThrow(command: string, args: string[], cwd: string): void {
  const done = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${command}: ${done.stdout}${done.stderr}`);
}
