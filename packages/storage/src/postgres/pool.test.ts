import { sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { createDatabase } from '../testing/index.ts';
import { openDatabase } from './database.ts';
import { defineStatement } from './statement.ts';

const one = defineStatement(() => sql`select 1`);

describe('a database that is not ours to use', () => {
  test('refuses every statement as unavailable, also those that wait, and works again afterwards', async () => {
    let available = true;
    const db = openDatabase(await createDatabase({ empty: true }), {
      sizes: { writes: 1 },
      isAvailable: () => available,
    });
    try {
      await db.ping();
      const slow = db.write('select pg_sleep(0.2)', []);
      const waiting = db.write('select 1', []);
      available = false;
      await slow;
      const refused = await Promise.allSettled([
        waiting,
        db.read('select 1', []),
        db.write('select 1', []),
        db.writeBatch(one, {}),
        db.slowQuery('select 1'),
        db.transaction((tx) => tx.run('select 1')),
        db.stream(one, {}, 10)[Symbol.asyncIterator]().next(),
        db.ping(),
      ]);
      for (const outcome of refused) {
        expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } });
      }
      available = true;
      await db.ping();
      expect(await db.write('select 1 as x', [])).toEqual([{ x: 1 }]);
    } finally {
      await db.close();
    }
  });
});
