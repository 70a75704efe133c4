/** What a start and `credplex doctor` say about an OpenBao that refuses, deletes values, or will refuse soon. */
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase, startOpenBao, type TestOpenBao } from '@credplex/storage/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { credplex, newFolder, settings } from './harness/credplex.ts';

const DOCUMENTED = `
path "secret/data/credplex/*" { capabilities = ["create", "read", "update"] }
path "secret/delete/credplex/*" { capabilities = ["update"] }
path "secret/metadata/credplex/*" { capabilities = ["delete"] }
`;

let server: TestOpenBao;
let databaseUrl: string;
beforeAll(async () => {
  server = await startOpenBao({ kind: 'dev' });
  databaseUrl = await createDatabase();
});
afterAll(() => server.stop());

function run(command: 'serve' | 'doctor', token: string, mount = 'secret') {
  return credplex([command], {
    env: settings(newFolder(), {
      CREDPLEX_DATABASE_URL: databaseUrl,
      CREDPLEX_ENCRYPTION_KEY: 'a passphrase for this test',
      CREDPLEX_VAULT: 'openbao',
      CREDPLEX_OPENBAO_ADDRESS: server.address,
      CREDPLEX_OPENBAO_TOKEN: token,
      CREDPLEX_OPENBAO_MOUNT: mount,
    }),
  });
}
function newToken(rules: string, ...more: readonly string[]): string {
  const name = `p-${randomUUID()}`;
  const file = join(tmpdir(), `credplex-policy-${name}`);
  writeFileSync(file, rules);
  server.bao('policy', 'write', name, file);
  return server.bao('token', 'create', `-policy=${name}`, '-field=token', ...more).trim();
}

test('a mount that deletes values ends the start, and doctor names it with the command that mends it', async () => {
  server.bao('secrets', 'enable', '-path=expiring', '-version=2', 'kv');
  await expect
    .poll(() => {
      try {
        return server.bao('write', 'expiring/config', 'delete_version_after=24h');
      } catch (error) {
        return String(error);
      }
    })
    .toMatch(/^Success/);
  const named = /mount expiring deletes values by itself .*: run bao write expiring\/config delete_version_after=0s$/m;
  const started = await run('serve', 'root', 'expiring');
  expect([started.status, started.stderr]).toEqual([1, expect.stringMatching(named)]);
  const doctor = await run('doctor', 'root', 'expiring');
  expect([doctor.status, doctor.stdout]).toEqual([1, expect.stringMatching(named)]);
});

test('doctor warns of a configuration that it may not read and of a token that ends for good', async () => {
  const { stdout } = await run('doctor', newToken(DOCUMENTED, '-ttl=50h', '-renewable=false'));
  expect(stdout).toMatch(/^warn +vault +openbao: secret\/config cannot be read/m);
  expect(stdout).toMatch(/^warn +vault token +the token ends for good in \d+ days: give another one/m);
});

test('doctor names a policy that denies, a mount that is missing and a token that ended', async () => {
  const denied = await run('doctor', newToken('path "secret/data/other/*" { capabilities = ["create"] }'));
  expect(denied.stdout).toMatch(/^FAIL +vault +OpenBao: read: permission denied$/m);
  expect((await run('doctor', 'root', 'gone')).stdout).toMatch(
    /^FAIL +vault +OpenBao: there is no KV-v2 engine at gone$/m,
  );
  const ended = await run('doctor', 'no-such-token');
  expect(ended.stdout).toMatch(/^FAIL +vault +OpenBao: read: the token is unknown, expired or revoked$/m);
});
