import { afterAll } from 'vitest';
import { accountConformance } from '../conformance/accounts.ts';
import { openDatabase } from '../postgres/database.ts';
import { createDatabase } from '../testing/index.ts';
import { createAccountRecords } from './accounts.ts';

const closers: (() => Promise<void>)[] = [];
afterAll(() => Promise.all(closers.map((close) => close())));

accountConformance('PostgreSQL', async () => {
  const database = openDatabase(await createDatabase());
  closers.push(() => database.close());
  return {
    accounts: createAccountRecords(database),
    audited: async () =>
      (await database.slowQuery<{ action: string }>('select action from audit_event')).map((row) => row.action),
  };
});
