/**
 * Where we answer otherwise than the recorded CredHub, on purpose: one file for recordings and errors. An entry says what we
 * answer instead, so that it is a test as well, and it must differ really: one that has become equal fails.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ExpectedStep {
  /** Number of the step in its case. */
  readonly step: number;
  readonly status: number;
  /** The whole text of `error`; absent: not looked at. */
  readonly error?: string;
}

interface RecordingDifference {
  readonly reason: string;
  readonly steps: readonly ExpectedStep[];
}

export interface ErrorDifference {
  readonly reason: string;
  readonly status: number;
  readonly error?: string;
  readonly content_type?: string;
}

interface Differences {
  readonly about: string;
  /** By `suite/case`. */
  readonly recordings: Readonly<Record<string, RecordingDifference>>;
  /** By the title of the example (see errors.test.ts). */
  readonly errors: Readonly<Record<string, ErrorDifference>>;
}

export const expectedDifferences = JSON.parse(
  readFileSync(join(import.meta.dirname, '../expected-differences.json'), 'utf8'),
) as Differences;
