// Checks the layers of docs/contribute/architecture.md: who imports whom, who reads the environment, who names a path of an API,
// cycles, and files that only re-export. The rules are the lists in that page; this program reads them from there.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { basename, dirname, join, relative, resolve } from 'node:path';

const PAGE = 'docs/contribute/architecture.md';
const RE_EXPORTS = 'scripts/re-exports.json';
const OWN = '@credplex/';
const SHORT_FILE_LINES = 20;
const MAX_LINES = 300;
const MAX_TEST_LINES = 400;
const SKIPPED = new Set(['node_modules', 'dist', 'golden', 'testdata']);

/** Returns the lines of the code block after a sentence of the page, as `[first word, other words]`. */
function listAfter(sentence) {
  const page = readFileSync(PAGE, 'utf8');
  const start = page.indexOf(sentence);
  if (start < 0) throw new Error(`${PAGE} has no sentence "${sentence}"`);
  const [, block] = /```text\n([\s\S]*?)\n```/.exec(page.slice(start)) ?? [];
  const rows = [];
  for (const line of (block ?? '').split('\n')) {
    const words = line.trim().split(/\s+/);
    // An indented line continues the row above it.
    if (line.startsWith(' ')) rows.at(-1)?.[1].push(...words);
    else rows.push([words[0], words.slice(1)]);
  }
  return new Map(rows);
}

const imports = listAfter('A package may import these');
const testImports = listAfter('Tests may also import these packages');
const environmentReaders = listAfter('Only these files read the environment');
const requestsByHand = listAfter('Only these files name a path or send a request otherwise');
const justified = existsSync(RE_EXPORTS) ? JSON.parse(readFileSync(RE_EXPORTS, 'utf8')) : {};

function sourcesIn(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sourcesIn(path);
    return /\.(ts|js|mjs)$/.test(entry.name) ? [path] : [];
  });
}

function isTest(file) {
  return /\.test(-d)?\.ts$|\/(test|testing|conformance|bench|scripts)\/|\.config\.ts$|^faults\//.test(file);
}

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s+(?:type\s+)?(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;
const ENVIRONMENT =
  /\bprocess\??\s*(?:\.\s*env\b|\[\s*['"]env['"])|\{[^{}]*\benv\b[^{}]*\}\s*=\s*process\b|['"](?:node:)?process['"]/;
const CLIENTS = /^(?:apps\/cli|packages\/command-line|apps\/server\/src\/operator)\//;
const ROUTE_KEY = /'(?:GET|POST|PUT|PATCH|DELETE) \/[^'\n]*'/g;
const BY_HAND = /\/api\/v\d|\/v1\/|['"`}]\/(?:info|version|health|management|api|v1)\b(?!\.)|\bsendRequest\b/;
const RE_EXPORT = /^export\s+(?:type\s+)?(?:\*|\{[^}]*\})(?:\s+as\s+\w+)?\s+from\s+'[^']+';$/;

const faults = [];
const graph = new Map();
const used = new Map();

/** Returns the word of the page that an import stands for. */
function wordOf(name) {
  if (name.startsWith(OWN)) return name.slice(OWN.length).split('/')[0];
  const builtin = name.replace(/^node:/, '');
  if (builtinModules.includes(builtin)) return `node:${builtin}`;
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
}

function checkImport(folder, file, name) {
  const word = wordOf(name);
  if (word === basename(folder)) return;
  const allowed = imports.get(folder) ?? [];
  const match = [name, word, ...(word.startsWith('node:') ? ['node:*'] : [])].find((entry) => allowed.includes(entry));
  if (match !== undefined) used.get(folder).add(match);
  else if (!isTest(file)) faults.push(`${file}: ${folder} may not import ${name}`);
  else if (name.startsWith(OWN) && !(testImports.get(folder) ?? []).includes(word))
    faults.push(`${file}: tests of ${folder} may not import ${name}`);
}

function checkFile(folder, file) {
  const text = readFileSync(file, 'utf8');
  const lines = text.split('\n').length - 1;
  const limit = isTest(file) ? MAX_TEST_LINES : MAX_LINES;
  if (lines > limit) faults.push(`${file}: ${lines} lines; at most ${limit}`);
  const edges = [];
  for (const [, statement, dynamic] of text.matchAll(IMPORT)) {
    const name = statement ?? dynamic;
    if (!name.startsWith('.')) {
      checkImport(folder, file, name);
      continue;
    }
    const target = relative('.', resolve(dirname(file), name));
    if (target.startsWith(`${folder}/`)) edges.push(target);
    else faults.push(`${file}: reaches out of its package to ${name}`);
  }
  graph.set(file, edges);
  const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  if (!isTest(file) && ENVIRONMENT.test(code)) {
    if (environmentReaders.has(file)) used.get('environment').add(file);
    else faults.push(`${file}: only the files that ${PAGE} lists read the environment`);
  }
  if (folder === 'packages/core' && !isTest(file) && /\bfetch\(/.test(code)) faults.push(`${file}: core knows no HTTP`);
  if (!isTest(file) && CLIENTS.test(file) && BY_HAND.test(code.replaceAll(ROUTE_KEY, ''))) {
    if (requestsByHand.has(file)) used.get('requests').add(file);
    else faults.push(`${file}: names a path or sends a request without the contract's client`);
  }
  const statements = code.split(/(?<=;)\s*\n/).map((line) => line.trim().replace(/\s+/g, ' '));
  const onlyReExports = statements.filter(Boolean).every((line) => RE_EXPORT.test(line));
  if (onlyReExports && code.trim() !== '' && text.split('\n').length <= SHORT_FILE_LINES) {
    if (Object.hasOwn(justified, file)) used.get('re-exports').add(file);
    else faults.push(`${file}: only re-exports in less than ${SHORT_FILE_LINES} lines; ${RE_EXPORTS} gives no reason`);
  }
}

/** Reports each cycle of a graph once, as the trail of its names. */
function reportCycles(edgesOf, kind) {
  const state = new Map();
  const visit = (node, trail) => {
    if (state.get(node) === 'done') return;
    if (state.get(node) === 'open') {
      faults.push(`cycle of ${kind}: ${[...trail.slice(trail.indexOf(node)), node].join(' -> ')}`);
      return;
    }
    state.set(node, 'open');
    for (const next of edgesOf.get(node) ?? []) if (edgesOf.has(next)) visit(next, [...trail, node]);
    state.set(node, 'done');
  };
  for (const node of edgesOf.keys()) visit(node, []);
}

/** Reports cycles between the folders of one folder; a file directly in it is a node of its own. */
function reportFolderCycles() {
  const folders = new Map();
  for (const [file, edges] of graph) {
    if (isTest(file)) continue;
    for (const target of edges) {
      const from = file.split('/');
      const to = target.split('/');
      const depth = from.findIndex((part, at) => part !== to[at]);
      if (depth < 0) continue;
      const parent = from.slice(0, depth).join('/');
      if (!folders.has(parent)) folders.set(parent, new Map());
      const children = folders.get(parent);
      for (const child of [from, to]) if (!children.has(child[depth])) children.set(child[depth], new Set());
      children.get(from[depth]).add(to[depth]);
    }
  }
  for (const [parent, children] of folders) reportCycles(children, `folders in ${parent}`);
}

for (const list of ['environment', 'requests', 're-exports']) used.set(list, new Set());
for (const parent of ['packages', 'apps'].filter(existsSync))
  for (const name of readdirSync(parent))
    if (!imports.has(join(parent, name))) faults.push(`${PAGE} has no line for ${join(parent, name)}`);
for (const folder of imports.keys()) {
  used.set(folder, new Set());
  for (const file of sourcesIn(folder)) checkFile(folder, file);
}
reportCycles(graph, 'files');
reportFolderCycles();
for (const [folder, words] of imports)
  for (const word of words) if (!used.get(folder).has(word)) faults.push(`${PAGE}: ${folder} does not import ${word}`);
for (const file of environmentReaders.keys())
  if (!used.get('environment').has(file)) faults.push(`${PAGE}: ${file} does not read the environment`);
for (const file of requestsByHand.keys())
  if (!used.get('requests').has(file)) faults.push(`${PAGE}: ${file} sends no request by hand`);
for (const file of Object.keys(justified))
  if (!used.get('re-exports').has(file)) faults.push(`${RE_EXPORTS}: ${file} does not only re-export`);

for (const fault of faults) process.stdout.write(`${fault}\n`);
process.stdout.write(`${graph.size} files checked, ${faults.length} faults\n`);
process.exit(faults.length === 0 ? 0 : 1);
