import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const SCRIPT = join(import.meta.dirname, '../../../scripts/layers.mjs');
const PAGE = `
A package may import these packages of ours, libraries and modules of Node:

\`\`\`text
packages/core  node:util
apps/server    core
               zod
apps/cli       node:https
\`\`\`

Tests may also import these packages, and any library or module of Node:

\`\`\`text
packages/core  server
\`\`\`

Only these files read the environment. Everything else is handed what it needs:

\`\`\`text
apps/server/src/main.ts  all of it
\`\`\`

Only these files name a path or send a request otherwise:

\`\`\`text
apps/cli/src/transport.ts  the transport
\`\`\`
`;
/** A repository in which every line of the page is true. */
const CLEAN = {
  'docs/contribute/architecture.md': PAGE,
  'scripts/re-exports.json': '{"packages/core/src/index.ts": "the public entry"}',
  'packages/core/src/index.ts': "export * from './a/one.ts';\n",
  'packages/core/src/a/one.ts': "import { inspect } from 'node:util';\nexport const one = inspect(1);\n",
  'packages/core/src/a/one.test.ts': "import '@credplex/server';\n",
  'packages/core/src/b/two.ts': "import type { one } from '../a/one.ts';\nexport type Two = typeof one;\n",
  'apps/cli/src/transport.ts': "import 'node:https';\nexport const sendRequest = 1;\n",
  'apps/cli/src/get.ts': "// Sends /api/v1/data.\nexport const get = (client) => client('GET /api/v1/data');\n",
  'apps/server/src/main.ts': "import '@credplex/core';\nimport 'zod';\nexport const home = process.env.HOME;\n",
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'credplex-layers-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function check(changed: Readonly<Record<string, string>> = {}): string {
  for (const [name, text] of Object.entries({ ...CLEAN, ...changed })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  cpSync(SCRIPT, join(folder, 'layers.mjs'));
  try {
    return execFileSync(process.execPath, ['layers.mjs'], { cwd: folder, encoding: 'utf8' });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

describe('the check of the layers', () => {
  test('accepts what the page lists', () => {
    expect(check()).toContain(' 0 faults');
  });

  test.each<[string, string, string, string]>([
    ['an import that is not listed', 'packages/core/src/a/one.ts', "import 'undici';", 'may not import undici'],
    ['a type import upwards', 'packages/core/src/c.ts', "import type { x } from '@credplex/server';", 'may not import'],
    ['a dynamic import', 'packages/core/src/c.ts', "export const x = import('node:fs');", 'may not import node:fs'],
    [
      'a path out of the package',
      'apps/server/src/c.ts',
      "import '../../../packages/core/src/b/two.ts';",
      'reaches out',
    ],
    [
      'a reader of the environment',
      'packages/core/src/c.ts',
      'export const x = process.env.X;',
      'read the environment',
    ],
    ['one by destructuring', 'apps/server/src/c.ts', 'export const { env } = process;', 'read the environment'],
    [
      'a cycle of types',
      'packages/core/src/a/one.ts',
      "export type { Two as one } from '../b/two.ts';",
      'cycle of files',
    ],
    [
      'a cycle of folders without one of files',
      'packages/core/src/a/other.ts',
      "import type { Two } from '../b/two.ts';\nexport type Other = Two;",
      'cycle of folders',
    ],
    ['a long file', 'packages/core/src/c.ts', 'export {};\n'.repeat(301), 'at most 300'],
    ['a file that only re-exports', 'packages/core/src/c.ts', "export { one } from './a/one.ts';\n", 'only re-exports'],
    ['a package without a line', 'packages/new/src/c.ts', 'export {};', 'has no line for packages/new'],
    ['a line that nobody uses', 'apps/server/src/main.ts', 'export const x = process.env;', 'does not import zod'],
    ['a path that is named by hand', 'apps/cli/src/c.ts', "export const path = '/api/v1/data';", "contract's client"],
    ['one in a template', 'apps/cli/src/c.ts', `export const at = (id) => \`/v1/clouds/\${id}\`;`, "contract's client"],
    ['one behind an address', 'apps/cli/src/c.ts', `export const at = (url) => \`\${url}/info\`;`, "contract's client"],
    [
      'a route that is put together',
      'apps/cli/src/c.ts',
      `export const at = (id) => \`GET /v1/clouds/\${id}\`;`,
      'client',
    ],
    ['a request past the client', 'apps/cli/src/c.ts', 'export const c = (sendRequest) => sendRequest();', 'client'],
    ['a transport that sends nothing', 'apps/cli/src/transport.ts', "import 'node:https';", 'sends no request'],
    ['a reader that reads nothing', 'apps/server/src/main.ts', "import '@credplex/core';", 'does not read'],
  ])('reports %s', (_, file, text, fault) => {
    expect(check({ [file]: text })).toContain(fault);
  });
});
