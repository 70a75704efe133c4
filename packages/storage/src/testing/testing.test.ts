import postgres from 'postgres';
import { expect, test } from 'vitest';
import { createDatabase } from './database.ts';
import { startOpenBao } from './openbao.ts';

test('a test database has all migrations', async () => {
  const sql = postgres(await createDatabase(), { max: 1 });
  const [row] = await sql`select count(*)::int as n from schema_migration`;
  expect(row?.n).toBeGreaterThan(0);
  await sql.end();
});

test.for(['dev', 'raft-tls'] as const)('OpenBao %s comes up with KV-v2 at secret/', async (kind) => {
  const server = await startOpenBao({ kind });
  try {
    server.bao('kv', 'put', '-mount=secret', 'a/b', 'value=x');
    expect(server.bao('kv', 'get', '-mount=secret', '-field=value', 'a/b').trim()).toBe('x');
  } finally {
    await server.stop();
  }
});
