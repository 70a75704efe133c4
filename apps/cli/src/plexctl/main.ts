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
import { framesOf } from '@credplex/command-line/source-map';
import { parse } from '@oclif/core/parser';
import { CommandFailure } from '../lib/failure.ts';
import { COMMANDS, TOPICS } from './commands.ts';
import { exitCodes } from './exit-codes.ts';
import { UNKNOWN_COMMAND } from './hooks/command-not-found.ts';
import type { Host } from './host.ts';
import { persistentFlags, requirePersistentValues } from './persistent-flags.ts';
import { plexctl } from './program.ts';
import { versionLine } from './version.ts';

/** Runs one line and returns its exit code. Results go to `out`, everything else to `err`. */
export async function main(argv: readonly string[], host: Host): Promise<number> {
  const completion = host.env[completionVariable('plexctl')];
  if (completion) {
    host.out(await complete(argv, completion === 'verbose'));
    return 0;
  }
  const line = readLine(argv, { commands: COMMANDS, flags: persistentFlags });
  try {
    await act(line, host);
    return 0;
  } catch (error) {
    const { message, exitCode, isDefect } = describe(error, nameOf(line));
    host.err(`Error: ${message}\n`);
    if (isDefect === true && host.env.PLEXCTL_DEBUG === 'true') host.err(`${framesOf(error)}\n`);
    return exitCode;
  }
}

async function act(line: Line, host: Host): Promise<void> {
  const run = { program: plexctl(), context: host };
  switch (line.kind) {
    case 'version':
      host.out(await versionLine(host));
      return;
    case 'help':
      // Flags before a missing command are still checked.
      requirePersistentValues((await parse([...line.flags], { flags: persistentFlags })).flags);
      await showHelp(line.path, run);
      return;
    case 'unknown':
      await runCommand(line.words.join(' ').replaceAll(':', ' '), [], run);
      return;
    case 'command':
      await runCommand(line.id, line.words, run);
  }
}

async function complete(words: readonly string[], verbose: boolean): Promise<string> {
  const definitions = await loadDefinitions(plexctl());
  return renderCompletions(completeLine(words, { definitions, topics: TOPICS, flags: persistentFlags }), verbose);
}

function nameOf(line: Line): string {
  if (line.kind === 'command') return `plexctl ${line.id.replaceAll(':', ' ')}`;
  return line.kind === 'help' ? ['plexctl', ...line.path].join(' ') : 'plexctl';
}

interface Description {
  readonly message: string;
  readonly exitCode: number;
  readonly isDefect?: boolean;
}

function describe(error: unknown, command: string): Description {
  if (error instanceof CommandFailure) return error;
  if (error instanceof Error && 'code' in error && error.code === UNKNOWN_COMMAND)
    return { message: error.message, exitCode: exitCodes.usage };
  const usage = describeParseError(error);
  if (usage !== undefined) return { message: `${usage} See ${command} --help.`, exitCode: exitCodes.usage };
  // An internal error: its message is not meant for users and may contain secrets.
  const message = 'plexctl failed unexpectedly. With PLEXCTL_DEBUG=true it shows where.';
  return { message, exitCode: exitCodes.failure, isDefect: true };
}
