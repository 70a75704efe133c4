import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { framesOf, mapStack } from './source-map.ts';

/** Of a bundle `b.js` whose line 1, column 1 is line 3, column 5 of `src/a.ts`, and column 9 line 4, column 1. */
const MAP = {
  version: 3,
  names: [],
  sourceRoot: 'apps/x/dist',
  sources: ['../src/a.ts', '../../../packages/y/b.ts'],
  mappings: 'AAEI,QCCJ',
};

function bundle(map: unknown): string {
  const file = join(mkdtempSync(join(tmpdir(), 'credplex maps-')), 'b.js');
  writeFileSync(file, 'x');
  if (map !== undefined) writeFileSync(`${file}.map`, typeof map === 'string' ? map : JSON.stringify(map));
  return file;
}

describe('a stack trace of a bundle', () => {
  test('names the sources, seen from the root of the repository, of CommonJS and of ES modules', () => {
    const file = bundle(MAP);
    const stack = `Error: x\n    at f (${file}:1:1)\n    at async ${pathToFileURL(file).href}:1:9`;
    // A URL has its spaces escaped; the folder's name has one.
    expect(mapStack(stack)).toBe('Error: x\n    at f (apps/x/src/a.ts:3:5)\n    at async packages/y/b.ts:4:1');
  });

  test('stays as it is where there is no map, one without a root, or one that cannot be read', () => {
    const { sourceRoot: _, ...rootless } = MAP;
    for (const map of [undefined, '{', '[]', rootless, { ...MAP, sources: [] }, { ...MAP, sources: [7] }]) {
      const stack = `Error: x\n    at f (${bundle(map)}:1:1)\n    at node:internal/x:1:1`;
      expect(mapStack(stack)).toBe(stack);
    }
  });

  test('can be had without the message, which may hold anything', () => {
    const error = new Error('hunter2\nhunter3');
    expect(framesOf(error)).toMatch(/^ {4}at /);
    expect(framesOf(error)).not.toContain('hunter');
    expect(framesOf('hunter2')).toBe('');
  });
});

describe('a failure that nothing caught', () => {
  const file = JSON.stringify(fileURLToPath(new URL('./source-map.ts', import.meta.url)));
  const script = (body: string): string => `const { reportCrashes } = await import(${file}); reportCrashes(); ${body}`;

  test.each([
    'throw new Error("lost")',
    'Promise.reject(new Error("lost"))',
    'setTimeout(() => { throw new Error("lost") })',
  ])('%s ends the process with status 1 and its stack, without what hangs on the error', (body) => {
    const text = script(body.replace('new Error("lost")', 'Object.assign(new Error("lost"), { query: "hunter2" })'));
    const ended = spawnSync(process.execPath, ['--input-type=module', '-e', text], { encoding: 'utf8' });
    expect(ended.status).toBe(1);
    expect(ended.stderr).toMatch(/^Error: lost\n {4}at /);
    expect(ended.stderr).not.toContain('hunter2');
  });

  test('changes nothing for a program that ends well', () => {
    expect(execFileSync(process.execPath, ['--input-type=module', '-e', script('')], { encoding: 'utf8' })).toBe('');
  });
});
