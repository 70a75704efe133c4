// Sets up a clone, with dependencies at the locked versions. `--start`: dependencies for building and running, and the bundle.
// `--test`: all dependencies and OpenBao. Default: all dependencies. Runs on Node 20.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stampFile = join(root, 'node_modules', '.setup-stamp');
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const lock = createHash('sha256')
  .update(readFileSync(join(root, 'pnpm-lock.yaml')))
  .update(`${process.platform}-${process.arch}`)
  .digest('hex');
function stampOf(scope) {
  return `${lock} ${scope}`;
}

/** `run` excludes dependencies of tests and checks, half of the download. */
const scope = process.argv.includes('--start') ? 'run' : 'all';
const installed = existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : '';

if (installed !== stampOf('all') && installed !== stampOf(scope)) {
  process.stderr.write('Installing dependencies (once) …\n');
  const started = performance.now();
  const args = ['-y', packageManager, 'install', '--frozen-lockfile', '--reporter=append-only'];
  // Checksums are compared all the same. Asking the registry for the age of each version takes ten seconds; `--test` does it.
  const done = spawnSync('npx', [...args, ...(scope === 'run' ? ['--prod', '--trust-lockfile'] : [])], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (done.status !== 0) {
    process.stderr.write('credplex: the dependencies could not be installed; is the npm registry reachable?\n');
    process.exit(1);
  }
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, stampOf(scope));
  process.stderr.write(`Installed in ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
}
if (process.argv.includes('--test')) await import('./openbao.mjs');
if (process.argv.includes('--start')) await import('./build-once.mjs');
