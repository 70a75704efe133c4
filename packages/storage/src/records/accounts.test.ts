import { afterAll } from 'vitest';
import { accountConformance } from '../conformance/accounts.ts';
import { createDatabase } from '../testing/index.ts';
import { createAccountRecords } from './accounts.ts';
import { openDatabase } from './database.ts';

const ends: (() => Promise<void>)[] = [];
afterAll(() => Promise.all(ends.map((end) => end())));

accountConformance('PostgreSQL', async () => {
  const database = openDatabase(await createDatabase());
  ends.push(() => database.close());
  await database.cold('create table audited (action text)');
  return {
    accounts: createAccountRecords({
      database,
      audit: (tx, event) => tx.run('insert into audited values ($1)', [event.action]),
    }),
    audited: async () =>
      (await database.cold<{ action: string }>('select action from audited')).map((row) => row.action),
  };
});
