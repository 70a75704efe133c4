import { afterAll, expect, test } from 'vitest';
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

test('a purge that fails in its last step has taken nothing', async () => {
  const database = openDatabase(await createDatabase());
  closers.push(() => database.close());
  const accounts = createAccountRecords(database);
  const at = (seconds: number): Date => new Date(Date.UTC(2030, 0, 1) + seconds * 1000);
  await accounts.revoke({ kind: 'jti', subject: 'old', before: at(0), expiresAt: at(1) });
  await accounts.countFailure({ keys: [{ key: 'k', free: 1, capSeconds: 10 }], now: at(0), windowSeconds: 900 });
  await database.slowQuery(`create function refuse() returns trigger language plpgsql as
    $$ begin raise exception 'refused' using errcode = '23514'; end $$`);
  await database.slowQuery(
    'create trigger refuse before delete on login_throttle for each row execute function refuse()',
  );
  await expect(accounts.purge(at(10), at(10))).rejects.toThrow();
  expect(await accounts.revocations(at(0))).toHaveLength(1);
  await database.slowQuery('drop trigger refuse on login_throttle');
  await accounts.purge(at(10), at(10));
  expect(await accounts.revocations(at(0))).toEqual([]);
  expect(await accounts.throttles(['k'])).toEqual([]);
});
