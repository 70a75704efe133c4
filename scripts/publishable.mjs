// Each library packs into a tarball that stands on its own: built files only, no workspace protocol, exports that exist.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const run = (command, args, cwd) => {
  const done = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${done.stdout}${done.stderr}`);
  return done.stdout;
};
const faults = [];
const manifestOf = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const folders = ['packages', 'apps']
  .flatMap((room) => readdirSync(room).map((name) => join(room, name)))
  .filter((folder) => !manifestOf(folder).private);
const target = mkdtempSync(join(tmpdir(), 'credplex-pack-'));
try {
  for (const folder of folders) {
    if (manifestOf(folder).scripts?.build) run('pnpm', ['run', 'build'], folder);
  }
  for (const folder of folders) {
    const out = run('pnpm', ['pack', '--pack-destination', target, '--json'], folder);
    const packed = JSON.parse(out.slice(out.search(/[[{]/)));
    const file = (Array.isArray(packed) ? packed[0] : packed).filename;
    const tarball = resolve(target, file);
    const names = run('tar', ['-tzf', tarball])
      .trim()
      .split('\n')
      .map((name) => name.replace(/^package\//, ''));
    const manifest = JSON.parse(run('tar', ['-xOzf', tarball, 'package/package.json']));
    const text = JSON.stringify(manifest);
    if (text.includes('workspace:')) faults.push(`${folder}: a workspace: version is left in the manifest`);
    if (names.some((name) => /\.test\.[tj]s$|test-results/.test(name))) faults.push(`${folder}: tests are packed`);
    const paths = JSON.stringify(manifest.exports ?? {}).match(/\.\/[^"]+\.(?:js|d\.ts)/g) ?? [];
    for (const path of [...paths, ...Object.values(manifest.bin ?? {})])
      if (!names.includes(path.replace(/^\.\//, ''))) faults.push(`${folder}: ${path} is not in the tarball`);
    const lint = spawnSync('publint', ['run', tarball, '--strict'], { encoding: 'utf8' });
    if (lint.status !== 0) faults.push(`${folder}: ${lint.stdout}${lint.stderr}`);
  }
} finally {
  rmSync(target, { recursive: true, force: true });
}
for (const fault of faults) process.stdout.write(`${fault}\n`);
process.exit(faults.length === 0 ? 0 : 1);
