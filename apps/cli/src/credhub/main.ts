import { red } from '../lib/colour.ts';
import { CommandFailure, SilentExit, UsageFailure } from '../lib/failure.ts';
import type { Host } from '../lib/host.ts';
import { parseLine } from './argv.ts';

/**
 * Runs one command line and returns its exit code. Everything it touches of the process is in `host`.
 *
 * Help and usage errors need neither oclif nor the network, so nothing of these is loaded for them.
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
      await (await import('./oclif-config.ts')).runCommand(outcome.line.command.name, words, host);
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
