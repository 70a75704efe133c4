// Bundles the server if its sources have changed since the last bundle. Runs on Node 20.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stampFile = join(root, 'apps', 'server', 'dist', '.stamp');
const SOURCES = [
  'packages/core/src',
  'packages/contract/src',
  'packages/pki/src',
  'packages/storage/src',
  'packages/command-line/src',
  'apps/server/src',
];
const FILES = ['pnpm-lock.yaml', 'apps/server/package.json', 'apps/server/scripts/build.mjs', '.git/HEAD'];

/** Uses names, sizes and times instead of contents, which takes only a few milliseconds per start. */
function describe(path) {
  const { size, mtimeMs } = statSync(join(root, path));
  return `${path} ${size} ${mtimeMs}\n`;
}
const hash = createHash('sha256');
for (const folder of SOURCES) {
  for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name).slice(root.length + 1);
    if (entry.isFile() && !/\.test\.ts$/.test(path)) hash.update(describe(path));
  }
}
for (const path of FILES) if (existsSync(join(root, path))) hash.update(describe(path));
const stamp = hash.digest('hex');

if (!existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== stamp) {
  process.stderr.write('Building the server (once) …\n');
  const started = performance.now();
  const node = join(root, 'node_modules', '.bin', 'node');
  const done = spawnSync(node, [join(root, 'apps', 'server', 'scripts', 'build.mjs')], { stdio: ['ignore', 2, 2] });
  if (done.status !== 0) {
    process.stderr.write('credplex: the server could not be built\n');
    process.exit(1);
  }
  // Fills the compile cache, so that the first start is already fast.
  spawnSync(node, [join(root, 'apps', 'server', 'bin', 'start.js'), 'warm-up'], { stdio: 'ignore' });
  writeFileSync(stampFile, stamp);
  process.stderr.write(`Built in ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
}
