/** `scripts/citations.mjs`, which `pnpm check` runs: what it refuses, on folders made for the purpose. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function citationsOf(files: Readonly<Record<string, string>>): { status: number | null; lines: string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'credplex-citations-'));
  folders.push(folder);
  for (const [name, text] of Object.entries({ 'docs/page.md': '# Page\n\n## One rule\n', ...files })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const { status, stdout } = spawnSync(process.execPath, [join(ROOT, 'scripts/citations.mjs'), folder], {
    encoding: 'utf8',
  });
  return { status, lines: stdout.trim().split('\n').slice(0, -1) };
}

test('a citation of a page, of a heading or of a decision that exists passes', () => {
  const found = citationsOf({
    'docs/decisions/0002-why.md': '# Why\n',
    'docs/other.md': '[a rule](page.md#one-rule), decision 2\n',
    'src/a.ts': '/** As docs/page.md#one-rule says (decision 0002, RFC 5280, 7.1, cloudfoundry/credhub#181). */\n',
  });
  expect(found).toEqual({ status: 0, lines: [] });
});

test.each([
  ['a missing page', { 'src/a.ts': '// docs/gone.md\n' }, 'src/a.ts:1: docs/gone.md: no such file'],
  ['a missing heading', { 'src/a.ts': '\n// docs/page.md#two\n' }, 'src/a.ts:2: docs/page.md#two: no such heading'],
  ['a missing decision', { 'docs/b.md': 'See decision 7.\n' }, 'docs/b.md:1: decision 7: no such decision record'],
  ['a broken link', { 'docs/b.md': '[x](gone.md)\n' }, 'docs/b.md:1: gone.md: no such file'],
  ['a link to a missing heading', { 'docs/b.md': '[x](page.md#two)\n' }, 'docs/b.md:1: page.md#two: no such heading'],
] as const)('%s is named with its place', (_, files, fault) => {
  expect(citationsOf(files)).toEqual({ status: 1, lines: [fault] });
});

test.each([
  'server-' + 'facts 2.7',
  'Server-' + 'facts, section 2',
  'cli-' + 'facts, section 3',
  'contract.' + 'md B0',
  'house.' + 'md 3.8',
  'issue ' + '4',
])('a document outside the repository is refused: %s', (cited) => {
  const { status, lines } = citationsOf({ 'src/a.ts': `/** (${cited}) */\n` });
  expect(status).toBe(1);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^src\/a\.ts:1: .*: cites /);
});
