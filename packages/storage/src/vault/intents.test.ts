import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase } from '../postgres/database.ts';
import { createDatabase } from '../testing/index.ts';
import { createIntents } from './intents.ts';

let url: string;
let db: Database;
beforeAll(async () => {
  url = await createDatabase();
  db = openDatabase(url);
});
afterAll(() => db.close());

const refOf = (id: string) => ({ purpose: 'credhub', id, keyId: 'openbao:"secret", \\{x}' });

test('concurrent intents share transactions, and each is committed when its caller goes on', async () => {
  const intents = createIntents(db);
  const ids = Array.from({ length: 60 }, () => randomUUID());
  const other = openDatabase(url);
  const opened = await Promise.all(
    ids.map(async (id) => {
      const intent = await intents.open(`credhub/${id}`, refOf(id));
      const rows = await other.read<{ path: string; purpose: string; ref: string; key_id: string }>(
        'select path, purpose, ref, key_id from intent where id = $1',
        [intent],
      );
      expect(rows).toEqual([{ path: `credhub/${id}`, purpose: 'credhub', ref: id, key_id: refOf(id).keyId }]);
      return intent;
    }),
  );
  await other.close();
  const [row] = await db.slowQuery<{ transactions: number }>(
    'select count(distinct xmin::text)::int as transactions from intent where id = any($1::uuid[])',
    [`{${opened.join(',')}}`],
  );
  expect(row?.transactions).toBeLessThan(30);
});

test('an intent that cannot be stored is refused, and the others of its batch are committed', async () => {
  const intents = createIntents(db);
  const ids = Array.from({ length: 20 }, () => randomUUID());
  const failing = intents.open('credhub/\0', refOf('x'));
  const others = ids.map((id) => intents.open(`credhub/${id}`, refOf(id)));
  await expect(failing).rejects.toMatchObject({ code: 'bad_request' });
  expect(new Set(await Promise.all(others)).size).toBe(20);
});
