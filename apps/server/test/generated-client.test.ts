/**
 * Clients that a public generator makes from the committed OpenAPI documents: they compile, and they work against a
 * server. `generated-client/` holds what a user would write.
 */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import openapiTS, { astToString } from 'openapi-typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from './harness/server.ts';

const here = import.meta.dirname;
const CACHE = join(here, '../node_modules/.cache');
const TSC = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const COMPILER_OPTIONS = [
  ...['--strict', '--exactOptionalPropertyTypes', '--rewriteRelativeImportExtensions', '--skipLibCheck'],
  ...['--target', 'es2024', '--module', 'nodenext', '--types', 'node'],
];

/** Asynchronous, because the UAA that the server asks runs in this process. */
function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const options = { env: { PATH: process.env['PATH'], ...env } };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      if (error) reject(new Error(`${args.join(' ')}:\n${stdout}\n${stderr}`));
      else resolve(stdout);
    });
  });
}

describe('a generated client', () => {
  let server: TestServer;
  let folder: string;
  beforeAll(async () => {
    server = await startServer({ level: 2 });
    mkdirSync(CACHE, { recursive: true });
    // Inside the package, so that the programs find openapi-fetch.
    folder = mkdtempSync(join(CACHE, 'generated-client-'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await server?.stop();
  });

  const play = async (api: 'credhub' | 'plexsphere', token: string): Promise<unknown> => {
    const document = readFileSync(join(here, `../../../docs/reference/openapi/${api}.json`), 'utf8');
    writeFileSync(join(folder, `${api}.ts`), astToString(await openapiTS(document)));
    const program = join(folder, `${api}-program.ts`);
    copyFileSync(join(here, `generated-client/${api}-program.ts`), program);
    await run([TSC, ...COMPILER_OPTIONS, program]);
    const env = { BASE_URL: server.url, TOKEN: token, NODE_EXTRA_CA_CERTS: server.caFile };
    return JSON.parse(await run([program.replace(/ts$/, 'js')], env));
  };

  test('of the CredHub document compiles, refuses wrong requests and works', async () => {
    const admin = server.actors['admin'];
    expect(await play('credhub', admin !== undefined && 'token' in admin ? admin.token : '')).toEqual({
      set: 'password',
      length: 12,
      versions: 2,
      error: expect.stringContaining('does not exist'),
      deleted: expect.objectContaining({ path: '/generated/*', operations: ['read', 'write'] }),
      status: 204,
    });
  });

  test('of the Plexsphere document compiles, refuses wrong requests and works', async () => {
    const operator = readFileSync(join(server.folder, 'data/operator.json'), 'utf8');
    const { plexsphere_token: token } = JSON.parse(operator) as { plexsphere_token: string };
    expect(await play('plexsphere', token)).toEqual({
      kind: 'user',
      slugs: ['generated'],
      status: 'active',
      problem: 'invalid_cloud_id',
    });
  });
});
