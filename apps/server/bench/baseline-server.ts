/**
 * The baseline of the benchmark: @hono/node-server with the same TLS files, and one prepared SELECT or INSERT on the same
 * PostgreSQL; `/find` selects the rows of a folder. `node baseline-server.ts DATABASE_URL CERT KEY` prints its port.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import postgres from 'postgres';

const [url, certificate, key] = process.argv.slice(2);
if (url === undefined || certificate === undefined || key === undefined) throw new Error('DATABASE_URL CERT KEY');
const sql = postgres(url, { max: 10, onnotice: () => {} });
await sql`create table if not exists bench_value (id uuid primary key, name text collate "C" unique not null,
  value bytea not null, created_at timestamptz not null default now())`;

const app = new Hono();
app.get('/get', async (c) => {
  const rows = await sql`select id, name, value from bench_value where name = ${c.req.query('name') ?? ''}`;
  const row = rows[0];
  return row
    ? c.json({ id: row['id'], name: row['name'], value: (row['value'] as Buffer).toString('latin1') })
    : c.notFound();
});
app.get('/find', async (c) => {
  const folder = c.req.query('path') ?? '';
  const credentials = await sql`select created_at as version_created_at, name from bench_value
    where name >= ${`${folder}/`} and name < ${`${folder}0`} order by created_at desc, name`;
  return c.json({ credentials });
});
app.put('/set', async (c) => {
  const body = (await c.req.json()) as { name: string; value: string };
  const rows =
    await sql`insert into bench_value (id, name, value) values (${randomUUID()}, ${body.name}, ${Buffer.from(body.value)}) returning id`;
  return c.json({ id: rows[0]?.['id'], name: body.name });
});

const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, getRequestListener(app.fetch));
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`port ${typeof address === 'object' ? address?.port : ''}\n`);
});
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
  void sql.end({ timeout: 1 });
});
