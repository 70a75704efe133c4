/** Runs the recordings' own program against a server and reads its report. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestServer } from './server.ts';

const FOLDER = join(import.meta.dirname, '../golden/recordings');

interface RecordedCase {
  readonly name: string;
  readonly quirk?: boolean;
  readonly quirk_reason?: string;
}

export interface RecordedSuite {
  readonly suite: string;
  readonly fixtures: Readonly<Record<string, string>>;
  readonly cases: readonly RecordedCase[];
}

const suitesIn = (folder: string): readonly RecordedSuite[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as RecordedSuite);

/** The suites of a server with `concatenate_cas: false`. */
export const CONCATENATE_OFF = join(FOLDER, 'concatenate-off');

/** All suites of the recorded server's usual settings, and those with {@link CONCATENATE_OFF}. */
export const recordedSuites = suitesIn(FOLDER);
export const suitesWithoutConcatenation = suitesIn(CONCATENATE_OFF);

/** PEM and key texts of a suite, by name. @throws Error for a suite that is not there */
export function recordedFixtures(suite: string): Readonly<Record<string, string>> {
  const found = recordedSuites.find((one) => one.suite === suite);
  if (found === undefined) throw new Error(`no suite ${suite}`);
  return found.fixtures;
}

/** Of one step: the answer in the recordings' normal form, as far as tests look at it. */
export interface StepDifference {
  readonly step: number;
  readonly request: string;
  readonly difference: string;
  readonly expected?: { readonly status?: number; readonly body?: unknown };
  readonly actual?: { readonly status?: number; readonly body?: unknown; readonly transport?: string };
}

export interface CaseResult {
  readonly suite: string;
  readonly case: string;
  readonly result: 'passed' | 'failed' | 'skipped' | 'quirk same' | 'quirk differs';
  readonly why?: string;
  readonly steps?: readonly StepDifference[];
}

/** The result of each case of the suites, by `suite/case`. Each step that differs is told. */
export async function runRecordings(
  server: TestServer,
  suites: readonly string[],
  folder: string = FOLDER,
): Promise<ReadonlyMap<string, CaseResult>> {
  const report = join(server.folder, `golden-${suites[0]}.json`);
  const args = ['check', '--in', folder, '--base', server.url, '--ca', server.caFile, '--actors', server.actorsFile];
  const child = spawn(
    process.execPath,
    [join(FOLDER, 'golden.mjs'), ...args, '--suite', suites.join(','), '--verbose', '--json', report],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  if (code !== 0 && code !== 1) throw new Error(`golden.mjs ended with ${code}: ${complaint}`);
  const { cases } = JSON.parse(readFileSync(report, 'utf8')) as { cases: CaseResult[] };
  return new Map(cases.map((one) => [`${one.suite}/${one.case}`, one]));
}
