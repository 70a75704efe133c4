import { secret } from '@credplex/core';
import { describe, expect, test } from 'vitest';
import { ConfigError, loadConfig } from '../config.ts';
import { warnOfWorkers } from '../start/ignored-workers.ts';
import { configOfWorker, planWorkers } from './plan.ts';

const outside = secret('postgres://h/d');
const plan = (workers: number | 'auto', max_connections?: number, cores = 4) =>
  planWorkers({ workers, database: { url: outside, max_connections } }, cores);

describe('how many workers a server has', () => {
  test('as many as are set, whatever the number of cores', () => {
    expect(plan(1).workers).toBe(1);
    expect(plan(3, undefined, 2).workers).toBe(3);
  });

  test.each([
    [1, 1],
    [2, 2],
    [8, 8],
    [64, 8],
  ])('auto on %i cores: one per core, at most 8', (cores, workers) => {
    expect(plan('auto', undefined, cores).workers).toBe(workers);
  });

  test.each([
    [6, 1],
    [11, 1],
    [12, 2],
    [23, 3],
    [24, 4],
    [100, 4],
  ])('auto with database.max_connections %i: as many as have 6 each', (limit, workers) => {
    expect(plan('auto', limit)).toEqual({ workers, connections: limit });
  });

  test('one with the embedded PostgreSQL', () => {
    for (const workers of [1, 4, 'auto'] as const) {
      expect(planWorkers({ workers, database: {} }, 8)).toEqual({ workers: 1, connections: 26 });
    }
  });
});

test('more than one with the embedded PostgreSQL are warned of, where the number is set', () => {
  expect(warnOfWorkers({ workers: 2, database: {} })).toBe(
    'workers is 2, but the server runs as one process: several need an outside PostgreSQL (database.url)',
  );
  for (const workers of [1, 'auto'] as const) expect(warnOfWorkers({ workers, database: {} })).toBeUndefined();
  expect(warnOfWorkers({ workers: 2, database: { url: outside } })).toBeUndefined();
});

describe('how many connections a server has', () => {
  test.each([
    [1, 26],
    [2, 26],
    [4, 26],
    [5, 30],
    [8, 48],
  ])('%i workers: 26, or 6 each where that is more', (workers, connections) => {
    expect(plan(workers)).toEqual({ workers, connections });
  });

  test('a number of workers with fewer than 6 each is refused', () => {
    expect(() => plan(4, 23)).toThrow(
      new ConfigError(
        'workers: 4 workers need at least 24 connections to PostgreSQL (6 each), but database.max_connections is 23',
      ),
    );
    expect(plan(4, 24).connections).toBe(24);
  });

  test('more than the embedded PostgreSQL has are refused', () => {
    expect(() => planWorkers({ workers: 1, database: { max_connections: 101 } }, 4)).toThrow(
      new ConfigError('database.max_connections: the embedded PostgreSQL has at most 100 for the server'),
    );
  });
});

test.each([
  [26, 2],
  [26, 4],
  [20, 3],
  [48, 8],
])(
  '%i connections and the limit of bodies in flight are divided over %i workers without a remainder',
  (connections, workers) => {
    const config = loadConfig({ env: {}, readFile: () => '' });
    const parts = Array.from({ length: workers }, (_, index) =>
      configOfWorker(config, { workers, connections }, index + 1),
    );
    for (const [total, ofWorker] of [
      [connections, parts.map(({ database }) => database.max_connections ?? 0)],
      [config.limits.bodies_in_flight, parts.map(({ limits }) => limits.bodies_in_flight)],
    ] as const) {
      expect(ofWorker.reduce((sum, part) => sum + part)).toBe(total);
      expect(Math.max(...ofWorker) - Math.min(...ofWorker)).toBeLessThanOrEqual(1);
    }
  },
);
