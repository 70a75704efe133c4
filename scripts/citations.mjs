// Checks that every citation resolves. Paths of docs/ in comments, configuration and docs, and relative links between
// Markdown files, must name an existing file and anchor. Citations of documents outside the repository are refused.
// `node scripts/citations.mjs [FOLDER]`; exits with 1 when a citation does not resolve.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import GithubSlugger from 'github-slugger';

const root = resolve(process.argv[2] ?? '.');
/** External data, generated files, applied migrations (they have checksums), and the examples in the test of this check. */
const SKIPPED = new Set([
  'node_modules',
  'dist',
  'golden',
  'testdata',
  'migrations',
  'openapi',
  'citations.test.ts',
  'test-results.json',
]);
const TEXT = /\.(?:[cm]?[jt]sx?|json|md|ya?ml|sh|css|html)$|(?:^|\/)(?:run|Dockerfile)$/;
/** Composed of parts, so that this file does not match its own patterns. */
const OUTSIDE = [
  [`\\b(?:${['server', 'cli', 'ca-rotation'].join('|')})-facts\\b`, 'notes that are not in the repository'],
  ['\\b(?:contract|contract-additions|house|toolchain(?:-2)?|console-research)\\.md\\b', 'a file that is not here'],
  ['\\bissue \\d+\\b', 'an issue without its repository (write owner/name#number)'],
  ['\\bhouse (?:rules?|style|\\d)', 'notes that are not in the repository'],
  ['(?<![\\w./])(?:\\.\\./|/work/)shared/', 'a folder that is not in the repository'],
].map(([pattern, what]) => [new RegExp(pattern, 'gi'), what]);
const DOCS_PATH = /(?<![\w/.@-])docs\/[\w-][\w./-]*(?:#[\w-]+)?/g;
const DECISION = /\bdecisions? (\d{1,4})\b/g;
const LINK = /\]\((?!\w+:|\/\/)([^)\s]+)\)/g;

function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (SKIPPED.has(entry.name) || (entry.name.startsWith('.') && entry.name !== '.ci')) return [];
    if (entry.isDirectory()) return filesIn(path);
    return TEXT.test(path) ? [path] : [];
  });
}

const anchorsByFile = new Map();
/** Returns the anchors of a Markdown file: GitHub's anchors of its headings, and explicit `<a id>`. */
function anchorsOf(file) {
  const known = anchorsByFile.get(file);
  if (known) return known;
  const slugger = new GithubSlugger();
  const anchors = new Set();
  const text = readFileSync(file, 'utf8').replaceAll(/^```[\s\S]*?^```/gm, '');
  for (const [, heading] of text.matchAll(/^#{1,6} (.+)$/gm))
    anchors.add(slugger.slug(heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('`', '')));
  for (const [, id] of text.matchAll(/<a id="([^"]+)">/g)) anchors.add(id);
  anchorsByFile.set(file, anchors);
  return anchors;
}

/** Returns the problem of a citation, or undefined. */
function problemOf(path, anchor) {
  if (!existsSync(path)) return 'no such file';
  if (anchor === undefined) return undefined;
  if (!statSync(path).isFile() || !path.endsWith('.md')) return 'an anchor outside a Markdown file';
  return anchorsOf(path).has(anchor) ? undefined : 'no such heading';
}

const decisions = existsSync(join(root, 'docs/decisions')) ? readdirSync(join(root, 'docs/decisions')) : [];
function hasDecision(number) {
  return decisions.some((name) => name.startsWith(`${number.padStart(4, '0')}-`));
}

const faults = [];
let count = 0;
const files = filesIn(root);
for (const file of files) {
  const shown = relative(root, file);
  const text = readFileSync(file, 'utf8');
  const isDoc = file.endsWith('.md');
  const report = (index, cited, problem) =>
    faults.push(`${shown}:${text.slice(0, index).split('\n').length}: ${cited}: ${problem}`);
  for (const [pattern, what] of OUTSIDE)
    for (const match of text.matchAll(pattern)) report(match.index, match[0], `cites ${what}`);
  for (const match of text.matchAll(DOCS_PATH)) {
    const [path, anchor] = match[0].replace(/[./]+$/, '').split('#');
    const folder = isDoc && text[match.index - 1] === '(' ? dirname(file) : root;
    // Links are checked below; every other path is relative to the root.
    if (folder !== root) continue;
    count += 1;
    const problem = problemOf(join(root, path), anchor);
    if (problem) report(match.index, match[0], problem);
  }
  for (const match of text.matchAll(DECISION)) {
    count += 1;
    if (!hasDecision(match[1])) report(match.index, match[0], 'no such decision record');
  }
  if (!isDoc) continue;
  for (const match of text.matchAll(LINK)) {
    count += 1;
    const [path, anchor] = match[1].split('#');
    const problem = problemOf(path === '' ? file : join(dirname(file), path), anchor);
    if (problem) report(match.index, match[1], problem);
  }
}

for (const fault of faults) process.stdout.write(`${fault}\n`);
process.stdout.write(`${count} citations in ${files.length} files, ${faults.length} of them do not resolve\n`);
process.exit(faults.length === 0 ? 0 : 1);
