import { red } from '../lib/colour.ts';
import { CommandFailure, SilentExit, UsageFailure } from '../lib/failure.ts';
import type { Host } from '../lib/host.ts';
import { parseLine } from './argv.ts';

/**
 * Runs one command line and returns its exit code. Everything it touches of the process is in `host`.
 *
 * Nothing is loaded that the line does not need: help and usage errors know nothing of the network, and no line loads
 * oclif, whose 80 ms are the whole budget of a command. oclif's own way in is `index.ts`.
 */
export async function main(words: readonly string[], host: Host): Promise<number> {
  const completion = host.env.GO_FLAGS_COMPLETION;
  if (completion) {
    const { completeWords, renderCompletions } = await import('./complete-words.ts');
    host.out(renderCompletions(completeWords(words), completion === 'verbose'));
    return 0;
  }
  try {
    return await act(words, host);
  } catch (error) {
    return report(host, error);
  }
}

async function act(words: readonly string[], host: Host): Promise<number> {
  const outcome = parseLine(words, host.env);
  switch (outcome.kind) {
    case 'fault':
      throw new CommandFailure(outcome.message);
    case 'help': {
      const { helpText } = await import('./help.ts');
      throw new UsageFailure(helpText(outcome.command, host.columns));
    }
    case 'version':
      await (await import('./print-version.ts')).printVersion(host, outcome.httpTimeout);
      return 0;
    case 'token':
      await (await import('./print-token.ts')).printToken(host, outcome.httpTimeout);
      return 0;
    case 'run':
      await (await import('./run-line.ts')).runLine(host, outcome.line);
      return 0;
  }
}

function report(host: Host, error: unknown): number {
  if (error instanceof SilentExit) return error.exitCode;
  if (error instanceof UsageFailure) {
    host.err(error.message);
    return error.exitCode;
  }
  host.err(red(error instanceof Error ? error.message : String(error)));
  return error instanceof CommandFailure ? error.exitCode : 1;
}
