// Makes a clone ready: dependencies at the locked versions, for `--test` the OpenBao binary, for `--start` the bundle. Runs on the system's Node 20.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stampFile = join(root, 'node_modules', '.setup-stamp');
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const stamp = createHash('sha256')
  .update(readFileSync(join(root, 'pnpm-lock.yaml')))
  .update(`${process.platform}-${process.arch}`)
  .digest('hex');

if (!existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== stamp) {
  process.stderr.write('Installing dependencies (once) …\n');
  const started = performance.now();
  const done = spawnSync('npx', ['-y', packageManager, 'install', '--frozen-lockfile', '--reporter=append-only'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (done.status !== 0) {
    process.stderr.write('credplex: the dependencies could not be installed; is the npm registry reachable?\n');
    process.exit(1);
  }
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, stamp);
  process.stderr.write(`Installed in ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
}
if (process.argv.includes('--test')) await import('./openbao.mjs');
if (process.argv.includes('--start')) await import('./build-once.mjs');
