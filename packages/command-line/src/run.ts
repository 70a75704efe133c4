import { Config } from '@oclif/core/config';
import { run } from '@oclif/core/run';
import { ProgramPlugin } from './plugin.ts';
import { type Definition, loadDefinitions, type Program } from './program.ts';

/** The input of a run by oclif. */
export interface Run<Context> {
  readonly program: Program;
  readonly context: Context;
  /** The result of {@link loadDefinitions}, if the caller has it already. */
  readonly definitions?: readonly Definition[];
}

/**
 * Runs a command by id.
 *
 * @throws the errors of the command, its hooks and oclif's parser
 */
export async function runCommand<Context>(
  id: string,
  words: readonly string[],
  { program, context, definitions }: Run<Context>,
): Promise<void> {
  // With colon as separator, oclif uses the first word as the id and no argument as part of it.
  // Without a manifest only this command is loaded. The hook for unknown commands needs all of them.
  const ids = Object.hasOwn(program.commands, id) ? [id] : undefined;
  const plugin = new ProgramPlugin(program, definitions ?? (await loadDefinitions(program, ids)), context, ':');
  await runPlugin(plugin, [id, ...words]);
}

/** Shows help for the program, or for the topic or command in `of`. */
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
