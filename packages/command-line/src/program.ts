import type { Command } from '@oclif/core/command';
import type { Config } from '@oclif/core/interfaces';

/** Every command of a program by its oclif id, such as `cloud:create`; each is a file that is loaded on use. */
export type CommandIndex = Readonly<Record<string, () => Promise<{ readonly default: Command.Class }>>>;

/** What oclif knows of a command before its file is loaded. */
export type Definition = Command.Loadable;

/** The same as data: written by the build, so that help and completion load no command. */
export type Manifest = Readonly<Record<string, Description>>;

// Not Omit: the type has an index signature, which would swallow its other members.
type Description = Command.Cached;

/** What shows help, as oclif calls it. */
type HelpClass = new (config: Config) => { showHelp(words: readonly string[]): Promise<void> };

/** A program made of oclif commands. */
export interface Program {
  /** Name of the executable. */
  readonly name: string;
  readonly version: string;
  readonly description: string;
  /** The folder that the files of hooks are relative to. */
  readonly root: string;
  readonly commands: CommandIndex;
  /** Present in a bundle. */
  readonly manifest?: Manifest;
  /** What help says of the words that group commands: `cloud` of `cloud create`. */
  readonly topics?: Readonly<Record<string, string>>;
  /** File of each hook, by the hook's oclif name. */
  readonly hooks?: Readonly<Record<string, string>>;
  /** The help class that replaces oclif's. */
  readonly helpClass?: () => Promise<{ readonly default: HelpClass }>;
}

/**
 * Returns what oclif needs to know of commands, from the manifest or else from the commands themselves.
 *
 * @param ids the commands; all of them by default
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

/** Returns every command by its id, as oclif's explicit strategy wants them. */
export async function loadCommands({ commands }: Program): Promise<Readonly<Record<string, Command.Class>>> {
  const loaded = Object.keys(commands).map(async (id) => [id, await loadCommand(commands, id)] as const);
  return Object.fromEntries(await Promise.all(loaded));
}

/** Returns the manifest of a program; `JSON.stringify` leaves out the functions of its flags. */
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
  // Own properties that oclif does not know go along, so that they are in a manifest too.
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
