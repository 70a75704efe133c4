import { Config } from '@oclif/core/config';
import { run } from '@oclif/core/run';
import { ProgramPlugin } from './plugin.ts';
import { type Definition, loadDefinitions, type Program } from './program.ts';

/** Hands a line to oclif: its hooks, its help, its parser and the command. */
export interface Run<Context> {
  readonly program: Program;
  readonly context: Context;
  /** What {@link loadDefinitions} returned, if the caller has needed it. */
  readonly definitions?: readonly Definition[];
}

/**
 * Runs the command of this id.
 *
 * @throws whatever the command, a hook or oclif's parser throws
 */
export async function runCommand<Context>(
  id: string,
  words: readonly string[],
  { program, context, definitions }: Run<Context>,
): Promise<void> {
  // With colons in ids oclif takes the first word for the whole id, and no argument for a part of it.
  // Without a manifest only the command itself is loaded; a hook for an unknown one looks at all of them.
  const ids = Object.hasOwn(program.commands, id) ? [id] : undefined;
  const plugin = new ProgramPlugin(program, definitions ?? (await loadDefinitions(program, ids)), context, ':');
  await runPlugin(plugin, [id, ...words]);
}

/** Shows help of the program, or of the topic or command that the words name. */
export async function showHelp<Context>(
  of: readonly string[],
  { program, context, definitions }: Run<Context>,
): Promise<void> {
  const plugin = new ProgramPlugin(program, definitions ?? (await loadDefinitions(program)), context, ' ');
  if (program.helpClass === undefined) return runPlugin(plugin, [...of, '--help']);
  const config = await Config.load(optionsOf(plugin));
  const { default: Help } = await program.helpClass();
  await new Help(config).showHelp(of);
}

async function runPlugin<Context>(plugin: ProgramPlugin<Context>, words: string[]): Promise<void> {
  await run(words, optionsOf(plugin));
}

function optionsOf<Context>(plugin: ProgramPlugin<Context>) {
  return { root: plugin.root, pjson: plugin.pjson, plugins: new Map([[plugin.name, plugin]]) };
}
