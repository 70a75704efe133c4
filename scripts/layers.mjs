// Who may import whom (docs/contribute/architecture.md). Reads import statements; a wrong arrow or a cycle is named
// with its file.
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';

const OWN = '@credplex/';
/** Workspace packages each room may import in its sources; `testOnly` adds to that in tests. */
const rooms = {
  'packages/core': {
    own: [],
    testOnly: ['pki', 'storage'],
    outside: ['zod'],
    node: ['crypto', 'os', 'util', 'worker_threads'],
  },
  'packages/contract': { own: ['core'], testOnly: [] },
  'packages/command-line': {
    own: [],
    testOnly: [],
    outside: [
      '@oclif/core/command',
      '@oclif/core/config',
      '@oclif/core/hooks',
      '@oclif/core/interfaces',
      '@oclif/core/run',
    ],
  },
  'packages/pki': { own: ['core'], testOnly: [] },
  'packages/storage': { own: ['core'], testOnly: [] },
  'apps/server': { own: ['core', 'contract', 'pki', 'storage', 'command-line'], testOnly: [] },
  'apps/cli': { own: ['contract', 'command-line'], testOnly: ['core', 'server', 'storage', 'pki'] },
};

const sources = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'node_modules' || entry.name === 'dist' || entry.name === 'golden') return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.ts$/.test(entry.name) ? [path] : [];
  });
const IMPORT =
  /(?:^|\n)\s*(import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g;
const isTest = (file) => /\.test(-d)?\.ts$|\/test\/|\/testing\/|\/conformance\/|\/bench\/|vitest\.config/.test(file);

const faults = [];
const graph = new Map();
for (const [room, rule] of Object.entries(rooms)) {
  for (const file of sources(room)) {
    const text = readFileSync(file, 'utf8');
    const edges = [];
    for (const [, , typeOnly, staticName, dynamicName] of text.matchAll(IMPORT)) {
      const name = staticName ?? dynamicName;
      if (name.startsWith('.')) {
        const target = relative('.', resolve(dirname(file), name));
        if (!target.startsWith(room)) faults.push(`${file}: reaches out of its package to ${name}`);
        if (!typeOnly && staticName) edges.push(target);
        continue;
      }
      if (name.startsWith(OWN)) {
        const other = name.slice(OWN.length).split('/')[0];
        const allowed = isTest(file) ? [...rule.own, ...rule.testOnly] : rule.own;
        if (!allowed.includes(other) && `@credplex/${other}` !== `@credplex/${room.split('/')[1]}`)
          faults.push(`${file}: ${room} may not import ${name}`);
        continue;
      }
      if (isTest(file)) continue;
      const builtin = name.replace(/^node:/, '');
      if (builtinModules.includes(builtin)) {
        if (rule.node && !rule.node.includes(builtin)) faults.push(`${file}: ${room} may not import node:${builtin}`);
      } else if (rule.outside && !rule.outside.includes(name)) faults.push(`${file}: ${room} may not import ${name}`);
    }
    graph.set(file, edges);
    if (room === 'apps/server' && !isTest(file) && file !== 'apps/server/src/main.ts' && /process\.env\b/.test(text))
      faults.push(`${file}: only apps/server/src/main.ts reads the environment`);
    if (room.startsWith('packages/core') && /\bfetch\(|drizzle|postgres\(/.test(text) && !isTest(file))
      faults.push(`${file}: core knows no HTTP and no SQL`);
  }
}

const state = new Map();
const visit = (file, trail) => {
  if (state.get(file) === 'done') return;
  if (state.get(file) === 'open') {
    faults.push(`cycle: ${[...trail.slice(trail.indexOf(file)), file].join(' -> ')}`);
    return;
  }
  state.set(file, 'open');
  for (const next of graph.get(file) ?? []) if (graph.has(next)) visit(next, [...trail, file]);
  state.set(file, 'done');
};
for (const file of graph.keys()) visit(file, []);

for (const fault of faults) process.stdout.write(`${fault}\n`);
process.stdout.write(`${graph.size} files looked at, ${faults.length} faults\n`);
process.exit(faults.length === 0 ? 0 : 1);
