import { expect, test } from 'vitest';
import { poolSizesOf } from './pools.ts';

test('26 connections are 2 for reads, 12 for writes, 4 for batches and 8 for long statements', () => {
  expect(poolSizesOf(26)).toEqual({ reads: 2, writes: 12, batches: 4, slow: 8 });
});

test.each([6, 7, 8, 9, 12, 13, 26, 48, 100])('%i connections are all used, and each pool has some', (connections) => {
  const { reads, writes, batches, slow } = poolSizesOf(connections);
  expect(reads + writes + batches + slow).toBe(connections);
  expect(Math.min(reads, batches)).toBeGreaterThanOrEqual(1);
  expect(Math.min(writes, slow)).toBeGreaterThanOrEqual(2);
});
