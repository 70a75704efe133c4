/**
 * Where the level table is silent, level 1 answers as CredHub 2.15: the recordings again, at level 1. Those that the table changes
 * are listed by its points; `levels.test.ts` says what comes instead.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { recordedSuites } from './harness/golden.ts';
import { recordingsTests } from './harness/recordings-suite.ts';
import { startServer } from './harness/server.ts';

const { suites, points } = JSON.parse(readFileSync(join(import.meta.dirname, 'level-1-differences.json'), 'utf8')) as {
  suites: string[];
  points: Record<string, string[]>;
};
const listed = Object.values(points).flat();

recordingsTests('recordings at level 1', () => startServer({ level: 1 }), {
  suites,
  level1: { differs: new Set(listed) },
});

test('every difference of level 1 names a recorded case, once', () => {
  const known = new Set(recordedSuites.flatMap(({ suite, cases }) => cases.map(({ name }) => `${suite}/${name}`)));
  expect(listed.filter((key) => !known.has(key))).toEqual([]);
  expect(new Set(listed).size).toBe(listed.length);
});
