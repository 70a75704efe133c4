// Bundles both programs into dist/, each in a root of its own with its own manifest, so that the package needs nothing
// beside itself. Files are split, because a command should load only what it uses.
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
// The module that oclif's `explicit` strategy loads.
const programs = { credhub: 'index', plexctl: 'explicit' };

rmSync(`${root}dist`, { recursive: true, force: true });
for (const [name, index] of Object.entries(programs)) {
  await build({
    absWorkingDir: root,
    entryPoints: [`src/${name}/bin.ts`, `src/${name}/${index}.ts`],
    outdir: `dist/${name}`,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22.19',
    minify: true,
    keepNames: false,
    legalComments: 'none',
    logLevel: 'warning',
    // Some dependencies are CommonJS and ask for Node's modules at run time.
    banner: { js: "import{createRequire as $require}from'node:module';const require=$require(import.meta.url);" },
    define: { CREDPLEX_BUILD: JSON.stringify({ version, ...commit() }) },
    // ssh2 speeds itself up with these where they are; it works without.
    external: ['cpu-features', '*.node'],
  });
  writeFileSync(
    `${root}dist/${name}/package.json`,
    `${JSON.stringify({
      name,
      version,
      type: 'module',
      private: true,
      oclif: { bin: name, commands: { strategy: 'explicit', target: `./${index}.js`, identifier: 'COMMANDS' } },
    })}\n`,
  );
  await writeManifest(name);
}

function commit() {
  const git = (...words) => execFileSync('git', words, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return { commit: git('rev-parse', '--short', 'HEAD'), date: git('log', '-1', '--format=%cI') };
  } catch {
    return { commit: 'unknown', date: '1970-01-01T00:00:00Z' };
  }
}

/** Without a manifest oclif would load every command to list one. */
async function writeManifest(name) {
  const { Config } = await import('@oclif/core/config');
  const config = await Config.load({ root: `${root}dist/${name}`, ignoreManifest: true });
  const manifest = config.plugins.get(name)?.manifest;
  if (manifest === undefined || Object.keys(manifest.commands).length === 0) throw new Error(`${name} has no commands`);
  writeFileSync(`${root}dist/${name}/oclif.manifest.json`, `${JSON.stringify(manifest)}\n`);
}
