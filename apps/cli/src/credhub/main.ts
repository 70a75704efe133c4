import { loadDefinitions, renderCompletions, runCommand, showHelp } from '@credplex/command-line';
import { framesOf } from '@credplex/command-line/source-map';
import { CommandFailure, SilentExit, UsageFailure } from '../lib/failure.ts';
import { red } from '../lib/terminal/colour.ts';
import type { Host } from '../lib/terminal/host.ts';
import { parseLine } from './argv.ts';
import { COMPLETION_VARIABLE } from './complete-words.ts';
import { credhub } from './program.ts';

/**
 * Runs one command line and returns its exit code. Everything it touches of the process is in `host`.
 *
 * The words are read here, by go-flags' grammar; oclif gets the command and what was read.
 */
export async function main(words: readonly string[], host: Host): Promise<number> {
  const completion = host.env[COMPLETION_VARIABLE];
  if (completion) {
    const { completeLine } = await import('./complete-line.ts');
    const found = await completeLine(words, await loadDefinitions(credhub()), host);
    host.out(renderCompletions(found, completion === 'verbose'));
    return 0;
  }
  try {
    return await act(words, host);
  } catch (error) {
    return report(host, error);
  }
}

async function act(words: readonly string[], host: Host): Promise<number> {
  const program = credhub();
  const definitions = await loadDefinitions(program);
  const outcome = parseLine(words, definitions, host.env);
  switch (outcome.kind) {
    case 'fault':
      throw new CommandFailure(outcome.message);
    case 'help': {
      const of = outcome.command === undefined ? [] : [outcome.command.id];
      await showHelp(of, { program, definitions, context: { host, definitions, line: undefined } });
      return 1;
    }
    case 'version':
      await (await import('./print-version.ts')).printVersion(host, outcome.httpTimeout);
      return 0;
    case 'token':
      await (await import('./print-token.ts')).printToken(host, outcome.httpTimeout);
      return 0;
    case 'run': {
      const { line } = outcome;
      await runCommand(line.command.id, [], { program, definitions, context: { host, definitions, line } });
      return 0;
    }
  }
}

function report(host: Host, error: unknown): number {
  if (error instanceof SilentExit) return error.exitCode;
  if (error instanceof UsageFailure) {
    host.err(error.message);
    return error.exitCode;
  }
  host.err(red(error instanceof Error ? error.message : String(error)));
  if (host.env.CREDHUB_DEBUG === 'true' && isDefect(error)) host.err(`${framesOf(error)}\n`);
  return error instanceof CommandFailure ? error.exitCode : 1;
}

/** Whether it is one of those errors that the language throws when a program is wrong. */
function isDefect(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
}
