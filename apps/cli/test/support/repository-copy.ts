import { execFileSync, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

/** A copy of the repository that a test may change. */
export interface RepositoryCopy {
  readonly folder: string;
  /** Adds a file, and a line before the first line of `table` that is equal to `before`. Returns what changed. */
  extend(added: { readonly file: string; readonly content: string }, line: TableLine): Change[];
  /** Runs the type check. @throws with its output */
  checkTypes(): void;
  run(program: string, words: readonly string[], env: Readonly<Record<string, string>>): Promise<Ran>;
  remove(): void;
}

export interface TableLine {
  readonly table: string;
  readonly before: string;
  readonly line: string;
}

export interface Change {
  readonly file: string;
  /** Lines. */
  readonly added: number;
  readonly removed: number;
  readonly isNew: boolean;
}

export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: number | null;
}

/** Copies the files that git knows or would add; what is installed is linked, the packages of the workspace excepted. */
export function copyRepository(): RepositoryCopy {
  const folder = mkdtempSync(join(tmpdir(), 'credplex-copy-'));
  const git = (...words: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.com', ...words], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
  const listed = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' });
  for (const file of listed.split('\0').filter(Boolean)) {
    if (!existsSync(join(ROOT, file))) continue; // deleted, and not yet committed
    cpSync(join(ROOT, file), join(folder, file));
    if (basename(file) === 'package.json') linkInstalled(folder, dirname(file));
  }
  git('init', '-q');
  commit();

  function commit(): void {
    git('add', '-A');
    git('commit', '-q', '--no-verify', '-m', 'copy');
  }

  return {
    folder,
    extend({ file, content }, { table, before, line }) {
      writeFileSync(join(folder, file), content, { flag: 'wx' });
      const lines = readFileSync(join(folder, table), 'utf8').split('\n');
      const at = lines.indexOf(before);
      if (at < 0) throw new Error(`${table} has no line ${before}`);
      writeFileSync(join(folder, table), lines.toSpliced(at, 0, line).join('\n'));
      git('add', '-A');
      const status = new Map(
        git('status', '--porcelain')
          .split('\n')
          .filter(Boolean)
          .map((text) => [text.slice(3), text.slice(0, 2).trim()]),
      );
      const changes = git('diff', '--cached', '--numstat').split('\n').filter(Boolean);
      commit();
      return changes.map((text) => {
        const [added, removed, changed = ''] = text.split('\t');
        return { file: changed, added: Number(added), removed: Number(removed), isNew: status.get(changed) === 'A' };
      });
    },
    checkTypes() {
      const tsc = join(folder, 'node_modules/typescript/bin/tsc');
      try {
        execFileSync(process.execPath, [tsc, '--noEmit', '-p', 'tsconfig.check.json'], {
          cwd: folder,
          encoding: 'utf8',
        });
      } catch (error) {
        throw new Error(`the copy does not pass the type check:\n${(error as { stdout?: string }).stdout}`);
      }
    },
    run(program, words, env) {
      return new Promise((resolve) => {
        const child = spawn(process.execPath, [join(folder, program), ...words], {
          cwd: env.HOME ?? folder,
          env: { PATH: process.env.PATH, ...env },
          stdio: ['ignore', 'pipe', 'pipe'],
        });
        const text = { stdout: '', stderr: '' };
        child.stdout.on('data', (part: Buffer) => (text.stdout += part.toString()));
        child.stderr.on('data', (part: Buffer) => (text.stderr += part.toString()));
        child.once('close', (exit) => resolve({ ...text, exit }));
      });
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** What lies in a folder `node_modules`: packages of the workspace as their relative links, all others as links to the original. */
function linkInstalled(folder: string, at: string): void {
  const from = join(ROOT, at, 'node_modules');
  const to = join(folder, at, 'node_modules');
  if (!existsSync(from)) return;
  mkdirSync(to);
  for (const name of readdirSync(from)) {
    if (name === '@credplex') cpSync(join(from, name), join(to, name), { recursive: true, verbatimSymlinks: true });
    else if (!['.cache', '.tmp', '.vite', '.vite-temp'].includes(name)) symlinkSync(join(from, name), join(to, name));
  }
}
