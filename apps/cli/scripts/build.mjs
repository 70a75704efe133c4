// Bundles both programs into dist/, so that the package needs nothing beside itself. Each is one CommonJS file, because Node's
// loader for ES modules alone costs a third of what a command may take to start (docs/decisions/0011-oclif-runs-every-line.md). Beside it lie what few
// lines need: the libraries for SSH and locks, oclif's files for hooks and help, and what V8 compiled.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
const programs = ['credhub', 'plexctl'];
const apart = ['ssh2', 'proper-lockfile'];

const shared = {
  absWorkingDir: root,
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node22.19',
  minify: true,
  sourcemap: true,
  // Maps name the sources, as seen from the root; copies of them would double the package.
  sourcesContent: false,
  legalComments: 'none',
  logLevel: 'warning',
  // CommonJS has no import.meta.
  banner: { js: "const $here=require('node:url').pathToFileURL(__filename).href;" },
  define: { CREDPLEX_BUILD: JSON.stringify({ version, ...commit() }), 'import.meta.url': '$here' },
  // import() would start the loader for ES modules in a program that has none.
  supported: { 'dynamic-import': false },
  // ssh2 speeds itself up with these where they are; it works without.
  external: ['cpu-features', '*.node'],
};

rmSync(`${root}dist`, { recursive: true, force: true });
for (const name of programs) {
  const folder = `dist/${name}`;
  mkdirSync(`${root}${folder}`, { recursive: true });
  const manifest = manifestOf(name);
  const used = new Set();
  const maps = { sourceRoot: `apps/cli/${folder}` };
  await build({
    ...shared,
    ...maps,
    define: { ...shared.define, CREDPLEX_MANIFEST: JSON.stringify(manifest) },
    entryPoints: [`src/${name}/start.ts`],
    outfile: `${folder}/start.js`,
    plugins: [splitOff(used)],
  });
  const hook = 'hooks/command-not-found';
  if (existsSync(`${root}src/${name}/${hook}.ts`)) {
    const hookMaps = { sourceRoot: `${maps.sourceRoot}/hooks` };
    await build({ ...shared, ...hookMaps, entryPoints: [`src/${name}/${hook}.ts`], outfile: `${folder}/${hook}.js` });
  }
  for (const library of used) {
    await build({
      ...shared,
      sourcemap: false,
      stdin: { contents: `module.exports = require('${library}')`, resolveDir: root },
      outfile: `${folder}/${library}.js`,
    });
  }
  writeOclifRoot(name, folder, manifest);
  execFileSync(process.execPath, [`${root}scripts/compile.mjs`, name], { stdio: ['ignore', 'ignore', 'inherit'] });
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

/** What oclif knows of each command without loading it. */
function manifestOf(name) {
  const text = `import { createManifest } from '@credplex/command-line';
    import { ${name} } from ${JSON.stringify(`${root}src/${name}/program.ts`)};
    process.stdout.write(JSON.stringify(await createManifest(${name}())));`;
  const options = { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 24 };
  const manifest = JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', text], options));
  if (Object.keys(manifest).length === 0) throw new Error(`${name} has no commands`);
  return manifest;
}

/** Makes the folder a root that oclif's own tools can load; the program itself does not need these files. */
function writeOclifRoot(name, folder, manifest) {
  const commands = { strategy: 'explicit', target: './index.mjs', identifier: 'COMMANDS' };
  const oclif = { bin: name, topicSeparator: ' ', commands };
  const files = {
    'package.json': JSON.stringify({ name, version, type: 'commonjs', private: true, oclif }),
    'oclif.manifest.json': JSON.stringify({ commands: manifest, version }),
    'index.mjs': `import { createRequire } from 'node:module';
const { loadCommands } = createRequire(import.meta.url)('./start.js');
export const COMMANDS = await loadCommands();
`,
  };
  for (const [file, text] of Object.entries(files)) writeFileSync(`${root}${folder}/${file}`, text);
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
