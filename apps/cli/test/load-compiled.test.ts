import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const loader = fileURLToPath(new URL('../bin/load-compiled.js', import.meta.url));

let folder: string;
let bundle: string;
let cache: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'credplex-compiled-'));
  bundle = join(folder, 'start.js');
  cache = join(folder, 'cache');
  const inner = "require('node:path').basename(__filename)";
  writeFileSync(bundle, `exports.name = () => ${inner};\nexports.fails = () => { throw new Error('here'); };\n`);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs JavaScript that has the loader's functions and the bundle's path. */
function node(text: string, env: Readonly<Record<string, string>> = {}): string {
  const head = `const { compile, compiledFile, loadCompiled } = require(${JSON.stringify(loader)});
    const bundle = ${JSON.stringify(bundle)};`;
  const options = { encoding: 'utf8', env: { HOME: folder, XDG_CACHE_HOME: cache, ...env } } as const;
  return execFileSync(process.execPath, ['-e', `${head} ${text}`], options);
}

const load = 'console.log(loadCompiled(bundle).name());';
const writeCompiled = `require('node:fs').writeFileSync(compiledFile(bundle), compile(bundle).createCachedData());`;

describe('the code that V8 has compiled', () => {
  test('is read from beside the bundle, and nothing is kept elsewhere', () => {
    node(writeCompiled);
    expect(node(load)).toBe('start.js\n');
    expect(
      node(`const data = require('node:fs').readFileSync(compiledFile(bundle));
      console.log(compile(bundle, data).cachedDataRejected);`),
    ).toBe('false\n');
    expect(existsSync(cache)).toBe(false);
  });

  test('leaves the lines and columns of a stack trace as they are in the bundle', () => {
    node(writeCompiled);
    const stack = node(
      "try { loadCompiled(bundle).fails(); } catch (error) { console.log(error.stack.split('\\n')[1]); }",
    );
    expect(stack).toContain(`${bundle}:2:`);
  });

  test('that another release of Node has compiled is passed over', () => {
    node(`require('node:fs').writeFileSync(compiledFile(bundle), 'of another release');`);
    expect(node(load)).toBe('start.js\n');
    expect(readdirSync(join(cache, 'credplex'))).toHaveLength(1);
  });

  test('is otherwise kept by Node in $XDG_CACHE_HOME/credplex with mode 0700, else in ~/.cache/credplex', () => {
    expect(node(load)).toBe('start.js\n');
    expect(statSync(join(cache, 'credplex')).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(cache, 'credplex'))).toHaveLength(1);
    expect(node(load, { XDG_CACHE_HOME: '' })).toBe('start.js\n');
    expect(statSync(join(folder, '.cache/credplex')).mode & 0o777).toBe(0o700);
  });

  test.each<[string, () => void]>([
    ['a folder that others can read', () => mkdirSync(join(cache, 'credplex'), { recursive: true, mode: 0o755 })],
    [
      'a symbolic link',
      () => {
        mkdirSync(join(folder, 'elsewhere'), { mode: 0o700 });
        mkdirSync(cache, { mode: 0o700 });
        symlinkSync(join(folder, 'elsewhere'), join(cache, 'credplex'));
      },
    ],
    [
      'a file',
      () => {
        mkdirSync(cache, { mode: 0o700 });
        writeFileSync(join(cache, 'credplex'), '');
      },
    ],
  ])('is not kept in %s', (_, prepare) => {
    prepare();
    expect(node(load)).toBe('start.js\n');
    const place = existsSync(join(folder, 'elsewhere')) ? join(folder, 'elsewhere') : join(cache, 'credplex');
    expect(statSync(place).isDirectory() ? readdirSync(place) : []).toEqual([]);
  });

  test('is not kept below a folder that others can write to, such as a shared temporary one', () => {
    mkdirSync(cache);
    chmodSync(cache, 0o1777);
    expect(node(load)).toBe('start.js\n');
    expect(node(load, { XDG_CACHE_HOME: join(cache, 'deeper') })).toBe('start.js\n');
    expect(readdirSync(cache)).toEqual([]);
  });

  test('is not needed: without a home everything works', () => {
    expect(node(load, { XDG_CACHE_HOME: '', HOME: '' })).toBe('start.js\n');
    expect(node(load, { XDG_CACHE_HOME: 'relative' })).toBe('start.js\n');
  });
});
