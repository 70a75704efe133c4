import { expect, test } from 'vitest';
import { CredError } from './errors.ts';
import { sweepRows } from './sweep-rows.ts';

async function run(rows: readonly number[], fails: (row: number) => unknown, limit = 3) {
  const tried: number[] = [];
  let at = 0;
  const report = await sweepRows({
    limit,
    claim: async (count) => {
      const batch = rows.slice(at, at + count);
      at += count;
      return batch;
    },
    act: async (row) => {
      tried.push(row);
      const failure = fails(row);
      if (failure !== undefined) throw failure;
    },
  });
  return { tried, report };
}

const tenRows = Array.from({ length: 10 }, (_, index) => index);

test('a bad row does not block those behind it, and is counted', async () => {
  const bad = new Error('bad row');
  const { tried, report } = await run(tenRows, (row) => (row < 4 ? bad : undefined));
  expect(tried).toEqual(tenRows);
  expect(report).toEqual({ done: 6, failed: 4, failure: bad, interrupted: false });
});

test('one row that the vault answers as in an outage does not end the sweep, a whole batch does', async () => {
  const away = new CredError('vault_unavailable');
  const alone = await run(tenRows, (row) => (row === 0 ? away : undefined));
  expect(alone.report).toMatchObject({ done: 9, failed: 1, interrupted: false });
  const all = await run(tenRows, () => away);
  expect(all.tried).toEqual([0, 1, 2]);
  expect(all.report).toEqual({ done: 0, failed: 3, failure: away, interrupted: true });
});

test('permanent refusals of a whole batch do not end the sweep', async () => {
  const { report } = await run(tenRows, () => new CredError('encryption_key_missing'));
  expect(report).toMatchObject({ done: 0, failed: 10, interrupted: false });
});
