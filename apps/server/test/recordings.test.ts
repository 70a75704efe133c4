/** Every recorded case of CredHub 2.15, on PostgreSQL, at level 2. */
import { expect, test } from 'vitest';
import { expectedDifferences } from './harness/expected-differences.ts';
import { recordedSuites, suitesWithoutConcatenation } from './harness/golden.ts';
import { recordingsTests } from './harness/recordings-suite.ts';
import { startServer } from './harness/server.ts';

recordingsTests('recordings at level 2 on PostgreSQL', () => startServer({ level: 2 }));

test('every expected difference names a recorded case', () => {
  const all = [...recordedSuites, ...suitesWithoutConcatenation];
  const known = new Set(all.flatMap(({ suite, cases }) => cases.map(({ name }) => `${suite}/${name}`)));
  expect(Object.keys(expectedDifferences.recordings).filter((key) => !known.has(key))).toEqual([]);
});
