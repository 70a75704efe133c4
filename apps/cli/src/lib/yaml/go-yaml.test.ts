import { describe, expect, test } from 'vitest';
import { compareTexts, type Described, describeLoaded } from '../../../test/go-yaml/describe.ts';
import { documentOf, type Outcome, type Result, readOutcomes } from '../../../test/go-yaml/outcomes.ts';
import { readMapList, readYamlV2, readYamlV3, sourceOf, YamlSyntaxError } from './read.ts';

const outcomes = readOutcomes();

/** go-yaml reads this as a double because of its sign; we keep the digits (docs/reference/divergences.md). */
const KEPT_DIGITS = '+18446744073709551615';

function attempt(read: () => Described): Result {
  try {
    return { value: sorted(read()) };
  } catch (error) {
    if (error instanceof YamlSyntaxError) return { error: error.message };
    throw error;
  }
}

/** Go and JavaScript sort texts differently beyond the BMP. */
function sorted(value: Described): Described {
  if (isList(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null || !('map' in value)) return value;
  const entries = value.map.map(([key, item]) => [sorted(key), sorted(item)] as const);
  return { map: entries.toSorted(([a], [b]) => compareTexts(JSON.stringify(a), JSON.stringify(b))) };
}

function isList(value: Described): value is readonly Described[] {
  return Array.isArray(value);
}

/** A recorded outcome; of a document that is refused only that, where the command line does not print the reason. */
function expected(result: Result, { withReason }: { withReason: boolean }): Result {
  if ('error' in result) return withReason ? result : { error: '' };
  return { value: sorted(result.value) };
}

function withoutReason(result: Result): Result {
  return 'error' in result ? { error: '' } : result;
}

/** We add the place to the errors of go-yaml's reader. */
function withoutPlace(result: Result): Result {
  return 'error' in result ? { error: result.error.replace(/ \(line \d+, offset \d+\)$/, '') } : result;
}

function differing(compare: (outcome: Outcome) => { readonly ours: Result; readonly theirs: Result }): unknown[] {
  const different: unknown[] = [];
  for (const outcome of outcomes) {
    if (outcome.text?.includes(KEPT_DIGITS) === true) continue;
    const { ours, theirs } = compare(outcome);
    const document = outcome.text ?? outcome.base64;
    if (JSON.stringify(ours) !== JSON.stringify(theirs)) different.push({ document, ours, theirs });
  }
  return different;
}

describe('every document of the table is read as go-yaml reads it', () => {
  test('the table has hundreds of documents, read and refused', () => {
    expect(outcomes.length).toBeGreaterThan(1500);
    expect(outcomes.filter(({ v2 }) => 'error' in v2).length).toBeGreaterThan(300);
  });

  test('as v2 does, with the same error and line, which is what interpolate prints', () => {
    const different = differing((outcome) => {
      const source = sourceOf(documentOf(outcome));
      return {
        ours: withoutPlace(attempt(() => describeLoaded(readYamlV2(source, { keepWordKeys: false })))),
        theirs: expected(outcome.v2, { withReason: true }),
      };
    });
    expect(different).toEqual([]);
  });

  test('as v3 does', () => {
    const different = differing((outcome) => ({
      ours: withoutReason(attempt(() => describeLoaded(readYamlV3(sourceOf(documentOf(outcome)))))),
      theirs: expected(outcome.v3, { withReason: false }),
    }));
    expect(different).toEqual([]);
  });

  test('as v3 does for import, with the Go types of an import file', () => {
    const different = differing((outcome) => ({
      ours: withoutReason(
        attempt(() => readMapList(sourceOf(documentOf(outcome)), 'credentials')?.map(describeLoaded) ?? null),
      ),
      theirs: expected(outcome.import, { withReason: false }),
    }));
    expect(different).toEqual([]);
  });
});
