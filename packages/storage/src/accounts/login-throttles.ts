/** Counts failed logins across replicas and stores until when the next attempt is refused. */
import type { AccountRecords, Throttle } from '@credplex/core';
import { sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Database } from '../postgres/database.ts';
import { excluded, nameOf, namesOf, select } from '../postgres/fragments.ts';
import { defineStatement, type Parameters } from '../postgres/statement.ts';
import { loginThrottle } from '../schema/index.ts';

const t = alias(loginThrottle, 't');
const { key, failures, lastFailureAt, blockedUntil } = t;
const columns = { key, failures, lastFailureAt, blockedUntil };

interface Keys {
  /** Separated by spaces. */
  readonly keys: string;
}
interface Failure {
  readonly key: string;
  readonly now: Date;
  /** The count restarts when the last failure is before this time. */
  readonly stale: Date;
  /** Number of failures without a delay. */
  readonly free: number;
  readonly capSeconds: number;
}

const THROTTLES = defineStatement(
  (p: Parameters<Keys>) => sql<Throttle>`
    select ${select(columns)} from ${loginThrottle} ${t} where ${key} = any (string_to_array(${p.keys}, ' '))`,
);

/** The delay doubles with each failure. The exponent is limited to 20, which exceeds every cap. */
const COUNT_FAILURE = defineStatement(
  (p: Parameters<Failure>) => sql`
    insert into ${loginThrottle} as ${t} (${namesOf([key, failures, lastFailureAt, blockedUntil])})
    values (${p.key}, 1, ${p.now}, ${p.now})
    on conflict (${nameOf(key)}) do update set
      ${nameOf(failures)} = case when ${lastFailureAt} < ${p.stale} then 1 else ${failures} + 1 end,
      ${nameOf(lastFailureAt)} = ${excluded(lastFailureAt)},
      ${nameOf(blockedUntil)} = ${excluded(lastFailureAt)} + case
        when ${lastFailureAt} < ${p.stale} or ${failures} + 1 <= ${p.free}::int then interval '0'
        else least(${p.capSeconds}::int, power(2, least(${failures} - ${p.free}::int, 20))) * interval '1 second' end`,
);

const CLEAR = defineStatement(
  (p: Parameters<Keys>) => sql`
    delete from ${loginThrottle} ${t} where ${key} = any (string_to_array(${p.keys}, ' '))`,
);

export function loginThrottles(db: Database): Pick<AccountRecords, 'throttles' | 'countFailure' | 'clearThrottles'> {
  return {
    throttles: (keys) => db.read(THROTTLES, { keys: keys.join(' ') }),
    countFailure: async ({ keys, now, windowSeconds }) => {
      const stale = new Date(now.getTime() - windowSeconds * 1000);
      for (const { key: throttled, free, capSeconds } of keys)
        await db.write(COUNT_FAILURE, { key: throttled, now, stale, free, capSeconds });
    },
    clearThrottles: async (keys) => {
      await db.write(CLEAR, { keys: keys.join(' ') });
    },
  };
}
