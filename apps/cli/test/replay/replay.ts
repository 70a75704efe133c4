import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { CLI_VERSION } from '../../src/credhub/version.ts';
import type { Step } from './capture.ts';
import type { Given } from './given.ts';
import { type CliRun, runCli } from './run-cli.ts';

/** Where the commands of a recording run: a home, a working folder, and what stands for the recorded addresses. */
export interface Stage {
  readonly home: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Recorded address or name → the one that stands for it here. */
  readonly addresses: ReadonlyMap<string, string>;
  remove(): void;
}

export function openStage(addresses: ReadonlyMap<string, string>, env: Readonly<Record<string, string>> = {}): Stage {
  const root = mkdtempSync(join(tmpdir(), 'credhub-replay-'));
  const home = join(root, 'home');
  const cwd = join(root, 'work');
  mkdirSync(home);
  mkdirSync(cwd);
  return {
    home,
    cwd,
    env,
    addresses: new Map([
      ...addresses,
      ['/home/user', home],
      ['CLI Version: ref-5ee9a1ab', `CLI Version: ${CLI_VERSION}`],
    ]),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Runs one step and gives back what it did, in the words of the recording. */
export async function runStep(stage: Stage, step: Step, given: Given = {}): Promise<CliRun> {
  prepare(stage, step, given);
  const words = (given.words ?? step.words).map((word) => toStage(stage, word));
  const extra = Object.fromEntries(
    Object.entries(given.env ?? {}).map(([name, value]) => [name, toStage(stage, value)]),
  );
  const run = await runCli(words, {
    env: { HOME: stage.home, ...stage.env, ...extra },
    cwd: stage.cwd,
    ...(given.stdin === undefined ? {} : { stdin: given.stdin }),
  });
  return { ...run, stdout: toRecording(stage, run.stdout), stderr: toRecording(stage, run.stderr) };
}

function prepare(stage: Stage, step: Step, given: Given): void {
  const configPath = join(stage.home, '.credhub', 'config.json');
  if (given.configIs !== undefined) rmSync(configPath, { recursive: true, force: true });
  if (given.configIs === 'folder') mkdirSync(configPath, { recursive: true });
  if (typeof given.config === 'string') writeText(configPath, given.config);
  else if (given.config !== undefined) {
    writeText(configPath, JSON.stringify({ ...JSON.parse(readFileSync(configPath, 'utf8')), ...given.config }));
  }
  const file = step.words[step.words.indexOf('-f') + 1];
  if (step.template !== undefined && file !== undefined) writeText(join(stage.cwd, file), step.template);
  for (const [name, text] of Object.entries(given.files ?? {})) writeText(join(stage.cwd, name), text);
}

function writeText(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** A login such as the one that the recordings of a real server were made with. */
export function storeLogin(stage: Stage, apiUrl: string): void {
  const config = { ApiURL: apiUrl, AuthURL: `${apiUrl}/uaa`, AccessToken: 'a.b.c', ServerVersion: '2.15.20' };
  writeText(join(stage.home, '.credhub', 'config.json'), JSON.stringify(config));
}

/** The configuration file in the words of the recording; null when there is none. */
export function configOf(stage: Stage): string | null {
  try {
    return toRecording(stage, readFileSync(join(stage.home, '.credhub', 'config.json'), 'utf8'));
  } catch {
    return null;
  }
}

export function toStage(stage: Stage, text: string): string {
  return [...stage.addresses].reduce((result, [recorded, here]) => result.replaceAll(recorded, here), text);
}

export function toRecording(stage: Stage, text: string): string {
  // The recordings were written down without the CR of CR LF.
  const lines = text.replaceAll('\r\n', '\n');
  return [...stage.addresses].reduce((result, [recorded, here]) => result.replaceAll(here, recorded), lines);
}
