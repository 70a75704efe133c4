import { afterAll } from 'vitest';
import { accountConformance } from '../conformance/accounts.ts';
import { openDatabase } from '../postgres/database.ts';
import { createDatabase } from '../testing/index.ts';
import { createAccountRecords } from './accounts.ts';

const ends: (() => Promise<void>)[] = [];
afterAll(() => Promise.all(ends.map((end) => end())));

accountConformance('PostgreSQL', async () => {
  const database = openDatabase(await createDatabase());
  ends.push(() => database.close());
  return {
    accounts: createAccountRecords(database),
    audited: async () =>
      (await database.slowQuery<{ action: string }>('select action from audit_event')).map((row) => row.action),
  };
});
