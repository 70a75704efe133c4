/** One test for each recorded case of the given suites, against one server. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ExpectedStep, expectedDifferences } from './expected-differences.ts';
import {
  type CaseResult,
  CONCATENATE_OFF,
  recordedSuites,
  runRecordings,
  type StepDifference,
  suitesWithoutConcatenation,
} from './golden.ts';
import type { TestServer } from './server.ts';

/** These look at or change the whole server: nothing else may use it meanwhile. */
const ALONE = ['key-usage', 'management'];
const LANES = 3;
const LIMIT_MS = 600_000;

const errorText = (body: unknown): string | undefined => {
  return typeof body === 'object' && body !== null && 'error' in body ? String(body.error) : undefined;
};

/** Level 1 knows no 422: 400 with the same text is the same answer. */
const onlyStatusOfLevel1 = ({ expected, actual }: StepDifference): boolean =>
  expected?.status === 422 && actual?.status === 400 && errorText(expected.body) === errorText(actual.body);

/** How level 1 is judged: which cases its own rules change. Absent: as level 2. */
export interface Level1 {
  readonly differs: ReadonlySet<string>;
}

function judge(key: string, result: CaseResult | undefined, level1: Level1 | undefined): void {
  if (result === undefined) throw new Error(`${key} was not run`);
  if (result.result === 'skipped') throw new Error(`${key} was skipped: ${result.why}`);
  const differing = (result.steps ?? []).filter((one) => level1 === undefined || !onlyStatusOfLevel1(one));
  const lines = differing.map((one) => `step ${one.step}, ${one.request}: ${one.difference}`).join('\n');
  if (level1?.differs.has(key)) {
    expect(differing.length, `${key} is as at level 2`).toBeGreaterThan(0);
    return;
  }
  const expected = (expectedDifferences.recordings[key]?.steps ?? []).map((one) =>
    level1 !== undefined && one.status === 422 ? { ...one, status: 400 } : one,
  );
  const seen = differing.map((one): ExpectedStep => {
    const wanted = expected.find(({ step }) => step === one.step);
    const error = wanted?.error === undefined ? undefined : errorText(one.actual?.body);
    return { step: one.step, status: one.actual?.status ?? 0, ...(error === undefined ? {} : { error }) };
  });
  expect(seen, lines).toEqual(expected);
}

export function recordingsTests(
  title: string,
  start: () => Promise<TestServer>,
  only: { readonly suites?: readonly string[]; readonly level1?: Level1; readonly concatenateOff?: boolean } = {},
): void {
  const recorded = only.concatenateOff ? suitesWithoutConcatenation : recordedSuites;
  const suites = recorded.filter(({ suite }) => only.suites === undefined || only.suites.includes(suite));
  describe(title, () => {
    let server: TestServer | undefined;
    const results = new Map<string, CaseResult>();
    beforeAll(async () => {
      server = await start();
      const running = server;
      // Big suites first, so that the lanes end together.
      const waiting = suites
        .filter(({ suite }) => !ALONE.includes(suite))
        .toSorted((a, b) => b.cases.length - a.cases.length)
        .map(({ suite }) => suite);
      const run = async (list: readonly string[]): Promise<void> => {
        for (const [key, result] of await runRecordings(
          running,
          list,
          only.concatenateOff ? CONCATENATE_OFF : undefined,
        ))
          results.set(key, result);
      };
      const lane = async (): Promise<void> => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await run([next]);
      };
      await Promise.all(Array.from({ length: LANES }, lane));
      for (const { suite } of suites) if (ALONE.includes(suite)) await run([suite]);
      const same = [...results.values()].filter(({ steps }) => steps === undefined).length;
      process.stdout.write(`${title}: ${results.size} cases, ${same} as recorded, ${results.size - same} otherwise\n`);
    }, LIMIT_MS);
    afterAll(() => server?.stop());

    for (const { suite, cases } of suites) {
      describe(suite, () => {
        for (const { name } of cases) {
          const key = `${suite}/${name}`;
          test(name, () => judge(key, results.get(key), only.level1));
        }
      });
    }
  });
}
