// Bundles both programs into dist/, each in a root of its own with its own manifest, so that the package needs nothing
// beside itself. CommonJS, because Node's loader for ES modules alone costs a third of what a command may take to start;
// what few commands need (the SSH and YAML libraries, oclif's own way in) is split off and loaded when it is wanted.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { leanHelp, leanParser } from './lean-oclif.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
// Per program the module that oclif's `explicit` strategy loads. It awaits at its top, so it stays an ES module.
const programs = { credhub: 'index', plexctl: 'explicit' };
const apart = ['ssh2', 'yaml', 'proper-lockfile'];

const shared = {
  absWorkingDir: root,
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node22.19',
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
  // CommonJS has no import.meta.
  banner: { js: "const $here=require('node:url').pathToFileURL(__filename).href;" },
  define: { CREDPLEX_BUILD: JSON.stringify({ version, ...commit() }), 'import.meta.url': '$here' },
  // ssh2 speeds itself up with these where they are; it works without.
  external: ['cpu-features', '*.node'],
};
// Built-in modules by require: import() would start the loader for ES modules in a program that has none.
const byRequire = { supported: { 'dynamic-import': false } };

rmSync(`${root}dist`, { recursive: true, force: true });
for (const [name, index] of Object.entries(programs)) {
  const folder = `dist/${name}`;
  mkdirSync(`${root}${folder}`, { recursive: true });
  const used = new Set();
  await build({
    ...shared,
    ...byRequire,
    entryPoints: [`src/${name}/start.ts`],
    outfile: `${folder}/start.js`,
    plugins: name === 'plexctl' ? [splitOff(used), helpApart(), leanParser()] : [splitOff(used)],
  });
  if (name === 'plexctl') {
    await build({
      ...shared,
      ...byRequire,
      entryPoints: ['src/plexctl/help.ts'],
      outfile: `${folder}/help.js`,
      plugins: [leanHelp()],
    });
  }
  await build({
    ...shared,
    format: 'esm',
    banner: {
      js: "import{createRequire as $require}from'node:module';const $here=import.meta.url,require=$require($here);",
    },
    define: { CREDPLEX_BUILD: shared.define.CREDPLEX_BUILD },
    entryPoints: [`src/${name}/${index}.ts`],
    outfile: `${folder}/${index}.mjs`,
    plugins: [besideStart()],
  });
  for (const library of used) {
    await build({
      ...shared,
      stdin: { contents: `module.exports = require('${library}')`, resolveDir: root },
      outfile: `${folder}/${library}.js`,
    });
  }
  const manifest = {
    name,
    version,
    type: 'commonjs',
    private: true,
    oclif: { bin: name, commands: { strategy: 'explicit', target: `./${index}.mjs`, identifier: 'COMMANDS' } },
  };
  writeFileSync(`${root}${folder}/package.json`, `${JSON.stringify(manifest)}\n`);
  await writeManifest(name);
  if (name === 'plexctl') {
    const words = [`${root}scripts/render-help.mjs`, `${root}${folder}`];
    execFileSync(process.execPath, words, { env: { ...process.env, FORCE_COLOR: '0' }, stdio: 'pipe' });
  }
}

/** Libraries that become files of their own, required where they were imported. */
function splitOff(used) {
  return {
    name: 'split-off',
    setup({ onResolve }) {
      onResolve({ filter: new RegExp(`^(${apart.join('|')})$`) }, ({ path, kind }) => {
        if (kind === 'entry-point') return undefined;
        used.add(path);
        return { path: `./${path}.js`, external: true };
      });
    },
  };
}

/** plexctl's help, with all of oclif, is a file beside the program. */
function helpApart() {
  return {
    name: 'help-apart',
    setup({ onResolve }) {
      onResolve({ filter: /^\.\/help\.ts$/ }, () => ({ path: './help.js', external: true }));
    },
  };
}

/** oclif's way in hands over to the program's file beside it. */
function besideStart() {
  return {
    name: 'beside-start',
    setup({ onResolve }) {
      onResolve({ filter: /^\.\/start\.ts$/ }, () => ({ path: './start.js', external: true }));
      onResolve({ filter: /^(ssh2|proper-lockfile)$/ }, ({ path }) => ({ path: `./${path}.js`, external: true }));
      // credhub's commands run in start.js only; here their definitions are enough.
      onResolve({ filter: /^\./ }, ({ kind, importer }) =>
        kind === 'dynamic-import' && importer.endsWith('definitions.ts')
          ? { path: './start.js', external: true }
          : undefined,
      );
    },
  };
}

function commit() {
  const git = (...words) =>
    execFileSync('git', words, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return { commit: git('rev-parse', '--short', 'HEAD'), date: git('log', '-1', '--format=%cI') };
  } catch {
    return { commit: 'unknown', date: '1970-01-01T00:00:00Z' };
  }
}

/** Without a manifest oclif would load every command to list one. */
async function writeManifest(name) {
  const { Config } = createRequire(import.meta.url)('@oclif/core/config');
  const config = await Config.load({ root: `${root}dist/${name}`, ignoreManifest: true });
  const manifest = config.plugins.get(name)?.manifest;
  if (manifest === undefined || Object.keys(manifest.commands).length === 0) throw new Error(`${name} has no commands`);
  writeFileSync(`${root}dist/${name}/oclif.manifest.json`, `${JSON.stringify(manifest)}\n`);
}
