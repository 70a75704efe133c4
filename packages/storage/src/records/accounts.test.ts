import type { AuditEvent } from '@credplex/core';
import postgres from 'postgres';
import { afterAll } from 'vitest';
import { accountConformance } from '../conformance/accounts.ts';
import { createDatabase } from '../testing/index.ts';
import { createAccountRecords } from './accounts.ts';

const ends: (() => Promise<void>)[] = [];
afterAll(() => Promise.all(ends.map((end) => end())));

accountConformance('PostgreSQL', async () => {
  const sql = postgres(await createDatabase(), { max: 8, fetch_types: false, onnotice: () => {} });
  ends.push(() => sql.end());
  await sql`create table audited (action text)`;
  return {
    accounts: createAccountRecords({
      sql,
      audit: (tx, event: AuditEvent) => tx`insert into audited values (${event.action})`,
    }),
    audited: async () => (await sql`select action from audited`).map((row) => String(row.action)),
  };
});
