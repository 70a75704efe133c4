import {
  completeLine,
  completionVariable,
  describeParseError,
  type Line,
  loadDefinitions,
  readLine,
  renderCompletions,
  runCommand,
  showHelp,
} from '@credplex/command-line';
import type { RunContext } from './command.ts';
import { COMMANDS } from './commands.ts';
import { messageOf } from './error-message.ts';
import { UsageError } from './errors.ts';
import { credplex } from './program.ts';
import { createTerminal, type Streams, type Terminal } from './terminal.ts';

export interface ProgramInput extends Streams {
  /** Arguments after `credplex`. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** See {@link RunContext.stopRequested}. */
  readonly stopRequested: () => Promise<void>;
  /** See {@link RunContext.forkWorker}. */
  readonly forkWorker: RunContext['forkWorker'];
}

/** Runs a command line of `credplex`. Resolves to the exit status: 0, 1 (failed) or 2 (invalid arguments). */
export async function runProgram(input: ProgramInput): Promise<number> {
  const { args, env, version, stopRequested, forkWorker } = input;
  const terminal = createTerminal(input);
  const completion = env[completionVariable('credplex')];
  if (completion) {
    const definitions = await loadDefinitions(credplex(version));
    const found = completeLine(args, { definitions, topics: {}, flags: {} });
    input.stdout.write(renderCompletions(found, completion === 'verbose'));
    return 0;
  }
  const line = readLine(args, { commands: COMMANDS, flags: {} });
  const context: RunContext = {
    terminal,
    version,
    env,
    stopRequested,
    forkWorker,
    openRuntime: async (config) => (await import('../open.ts')).open(config, { for: 'command' }),
  };
  try {
    return await execute(line, context);
  } catch (error) {
    return reportError(error, line, terminal);
  }
}

async function execute(line: Line, context: RunContext): Promise<number> {
  const run = { program: credplex(context.version), context };
  switch (line.kind) {
    case 'version':
      context.terminal.out(context.version);
      return 0;
    case 'help':
      await showHelp(line.path, run);
      // A command line without a command shows the help as if requested.
      return line.isRequested || line.path.length === 0 ? 0 : 2;
    case 'unknown':
      context.terminal.err(
        `credplex: there is no command ${JSON.stringify(line.words.join(' '))}; \`credplex help\` lists them`,
      );
      return 2;
    case 'command':
      await runCommand(line.id, line.words, run);
      return 0;
  }
}

function reportError(error: unknown, line: Line, terminal: Terminal): number {
  const usage = error instanceof UsageError ? `${error.message}.` : describeParseError(error);
  if (usage !== undefined) {
    const name = line.kind === 'command' ? `credplex ${line.id.replaceAll(':', ' ')}` : 'credplex';
    terminal.err(`${name}: ${usage} See ${name} --help.`);
    return 2;
  }
  for (const text of messageOf(error).split('\n')) terminal.err(`credplex: ${text}`);
  return 1;
}
