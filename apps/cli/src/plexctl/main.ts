import { CommandFailure } from '../lib/failure.ts';
import { type Line, readLine } from './command-line.ts';
import { commandTable } from './command-table.ts';
import { exitCodes } from './exit-codes.ts';
import type { Host } from './host.ts';

/**
 * Runs one line and gives its exit code. Results go to `out`, everything else to `err`.
 *
 * oclif gives the flag types, the parser and the help. Its own start (configuration, plugins, manifest) costs 50 ms
 * that a command does not need, so only help goes through it.
 */
export async function main(argv: readonly string[], host: Host): Promise<number> {
  const line = readLine(argv);
  try {
    switch (line.kind) {
      case 'version': {
        const { versionLine } = await import('./version.ts');
        host.out(await versionLine(host));
        return 0;
      }
      case 'help': {
        // Help instead of a command is still an answer to the flags before it.
        if (line.flags.length > 0) await (await import('./read-flags.ts')).readFlags(line.flags);
        const { readyHelp } = await import('./ready-help.ts');
        const ready = readyHelp(line.of, host);
        if (ready !== undefined) host.out(ready);
        else await (await import('./help.ts')).showHelp(line.of, host.program);
        return 0;
      }
      case 'unknown':
        host.err(`Error: ${unknownCommand(line.name, line.nearest)}\n`);
        return exitCodes.usage;
      case 'command': {
        const loaded = await commandTable[line.name]?.();
        await loaded?.command.execute(line.words, host);
        return 0;
      }
    }
  } catch (error) {
    const { message, exitCode } = await describe(error, nameOf(line));
    host.err(`Error: ${message}\n`);
    return exitCode;
  }
}

const nameOf = (line: Line): string => {
  if (line.kind === 'command') return `plexctl ${line.name}`;
  return line.kind === 'help' ? ['plexctl', ...line.of].join(' ') : 'plexctl';
};

/** The word itself is not repeated: it may be a secret on a line that was typed wrong. */
function unknownCommand(topic: string, nearest: string | undefined): string {
  const help = topic === '' ? 'plexctl --help' : `plexctl ${topic} --help`;
  const problem = topic === '' ? 'There is no such command.' : `There is no such command under '${topic}'.`;
  const suggestion = nearest === undefined ? '' : ` Did you mean 'plexctl ${nearest}'?`;
  return `${problem}${suggestion} See ${help}.`;
}

async function describe(error: unknown, command: string): Promise<{ message: string; exitCode: number }> {
  if (error instanceof CommandFailure) return error;
  const { describeParseError } = await import('./parse-error.ts');
  const usage = describeParseError(error);
  if (usage !== undefined) return { message: `${usage} See ${command} --help.`, exitCode: exitCodes.usage };
  // A fault of ours: what it says was not written for a user and may hold anything.
  return { message: 'plexctl failed unexpectedly.', exitCode: exitCodes.failure };
}
