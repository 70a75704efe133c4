import type { Command } from '@oclif/core/command';
import type { Config } from '@oclif/core/interfaces';

/** The commands of a program by oclif id, such as `cloud:create`. Their files are loaded on demand. */
export type CommandIndex = Readonly<Record<string, () => Promise<{ readonly default: Command.Class }>>>;

/** The metadata of a command, available before its file is loaded. */
export type Definition = Command.Loadable;

/** Command metadata as JSON. The build writes it, so that help and completion load no command. */
export type Manifest = Readonly<Record<string, Description>>;

// `Omit` would lose the named members, because the type has an index signature.
type Description = Command.Cached;

/** The interface of a help class that oclif calls. */
type HelpClass = new (config: Config) => { showHelp(words: readonly string[]): Promise<void> };

/** A program made of oclif commands. */
export interface Program {
  /** Name of the executable. */
  readonly name: string;
  readonly version: string;
  readonly description: string;
  /** The folder to which hook files are relative. */
  readonly root: string;
  readonly commands: CommandIndex;
  /** Set in a bundle. */
  readonly manifest?: Manifest;
  /** Descriptions of topics, the words that group commands: `cloud` in `cloud create`. */
  readonly topics?: Readonly<Record<string, string>>;
  /** File of each hook, by the hook's oclif name. */
  readonly hooks?: Readonly<Record<string, string>>;
  /** The help class that replaces oclif's. */
  readonly helpClass?: () => Promise<{ readonly default: HelpClass }>;
}

/**
 * Returns the metadata of commands, from the manifest or else by loading the commands.
 *
 * @param ids default: all commands
 */
export async function loadDefinitions(
  program: Program,
  ids: readonly string[] = Object.keys(program.commands),
): Promise<readonly Definition[]> {
  const { commands, manifest } = program;
  return Promise.all(
    ids.map(async (id) => {
      const load = () => loadCommand(commands, id);
      const known = manifest?.[id] ?? describe(program, id, await load());
      return { ...known, load };
    }),
  );
}

/** Loads every command, by id, for oclif's explicit command strategy. */
export async function loadCommands({ commands }: Program): Promise<Readonly<Record<string, Command.Class>>> {
  const loaded = Object.keys(commands).map(async (id) => [id, await loadCommand(commands, id)] as const);
  return Object.fromEntries(await Promise.all(loaded));
}

/** Returns the manifest of a program. `JSON.stringify` omits the functions of its flags. */
export async function createManifest(program: Program): Promise<Manifest> {
  const commands = Object.entries(await loadCommands(program));
  return Object.fromEntries(commands.map(([id, command]) => [id, describe(program, id, command)]));
}

async function loadCommand(commands: CommandIndex, id: string): Promise<Command.Class> {
  const loaded = await commands[id]?.();
  if (loaded === undefined) throw new Error(`there is no command ${id}`);
  loaded.default.id = id;
  return loaded.default;
}

function describe({ name }: Program, id: string, command: Command.Class): Description {
  const { aliases, args, baseFlags, description, examples, flags, hidden, hiddenAliases, strict, summary, usage } =
    command;
  // Includes properties that oclif does not know, so that they are in the manifest as well.
  const { id: _, plugin: __, ...own } = { ...(command as unknown as Record<string, unknown>) };
  const known = {
    ...own,
    ...{ id, aliases, hiddenAliases, strict, hasDynamicHelp: false, pluginAlias: name, pluginName: name },
    ...{ pluginType: 'core', args: withNames(args), flags: withNames({ ...baseFlags, ...flags }) },
    ...{ description, examples, hidden, summary, usage },
  };
  return known as unknown as Description;
}

function withNames<T extends object>(table: Readonly<Record<string, T>> | undefined): Record<string, T> {
  return Object.fromEntries(Object.entries(table ?? {}).map(([name, entry]) => [name, { ...entry, name }]));
}
