/** One test for each recorded case of the given suites, against one server. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ExpectedStep, expectedDifferences } from './expected-differences.ts';
import { type CaseResult, recordedSuites, runRecordings, type StepDifference } from './golden.ts';
import type { TestServer } from './server.ts';

/** These look at or change the whole server: nothing else may use it meanwhile. */
const ALONE = ['key-usage', 'management'];
const LANES = 3;
const LIMIT_MS = 600_000;

const errorText = ({ actual }: StepDifference): string | undefined => {
  const { body } = actual ?? {};
  return typeof body === 'object' && body !== null && 'error' in body ? String(body.error) : undefined;
};

function judge(key: string, result: CaseResult | undefined): void {
  if (result === undefined) throw new Error(`${key} was not run`);
  if (result.result === 'skipped') throw new Error(`${key} was skipped: ${result.why}`);
  const differing = result.steps ?? [];
  const expected = expectedDifferences.recordings[key]?.steps ?? [];
  const lines = differing.map((one) => `step ${one.step}, ${one.request}: ${one.difference}`);
  const seen = differing.map((one): ExpectedStep => {
    const wanted = expected.find(({ step }) => step === one.step);
    const error = wanted?.error === undefined ? undefined : errorText(one);
    return { step: one.step, status: one.actual?.status ?? 0, ...(error === undefined ? {} : { error }) };
  });
  expect(seen, lines.join('\n')).toEqual(expected);
}

export function recordingsTests(title: string, start: () => Promise<TestServer>, names?: readonly string[]): void {
  const suites = recordedSuites.filter(({ suite }) => names === undefined || names.includes(suite));
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
        for (const [key, result] of await runRecordings(running, list)) results.set(key, result);
      };
      const lane = async (): Promise<void> => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await run([next]);
      };
      await Promise.all(Array.from({ length: LANES }, lane));
      for (const { suite } of suites) if (ALONE.includes(suite)) await run([suite]);
      const tally = Object.entries(Object.groupBy(results.values(), ({ result }) => result));
      process.stdout.write(`${title}: ${tally.map(([word, list]) => `${list?.length} ${word}`).join(', ')}\n`);
    }, LIMIT_MS);
    afterAll(() => server?.stop());

    for (const { suite, cases } of suites) {
      describe(suite, () => {
        for (const { name } of cases) {
          const key = `${suite}/${name}`;
          test(name, () => judge(key, results.get(key)));
        }
      });
    }
  });
}
