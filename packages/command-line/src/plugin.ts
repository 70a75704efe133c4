import type { Config as OclifConfig, PJSON, Plugin, Topic } from '@oclif/core/interfaces';
import type { Definition, Program } from './program.ts';

/**
 * A program as oclif's root plugin. oclif takes it ready-made instead of looking for a package and reading its manifest, and
 * it carries the context of one run to the commands: their host, and what a reader in front of oclif has found.
 */
export class ProgramPlugin<Context> implements Plugin {
  readonly _base = '@credplex/command-line';
  readonly type = 'core';
  readonly isRoot = true;
  readonly valid = true;
  readonly hasManifest = true;
  readonly moduleType = 'module';
  readonly commandsDir = undefined;
  readonly name: string;
  readonly alias: string;
  readonly version: string;
  readonly root: string;
  readonly options: Plugin['options'];
  readonly pjson: PJSON;
  readonly hooks: Plugin['hooks'];
  readonly topics: Topic[];
  readonly commands: Definition[];
  readonly context: Context;

  constructor(program: Program, definitions: readonly Definition[], context: Context, topicSeparator: ':' | ' ') {
    const { name, version, description, root, topics = {}, hooks = {} } = program;
    this.name = name;
    this.alias = name;
    this.version = version;
    this.root = root;
    this.options = { root, isRoot: true };
    this.hooks = Object.fromEntries(
      Object.entries(hooks).map(([event, target]) => [event, [{ target, identifier: 'default' }]]),
    );
    this.topics = Object.entries(topics).map(([words, summary]) => ({
      name: words.replaceAll(' ', ':'),
      description: summary,
    }));
    // oclif's help rewrites ids in place.
    this.commands = definitions.map((definition) => ({ ...definition }));
    this.context = context;
    const oclif = { bin: name, topicSeparator };
    this.pjson = { name, version, description, type: 'module', dependencies: {}, oclif } as unknown as PJSON;
  }

  get commandIDs(): string[] {
    return this.commands.map(({ id }) => id);
  }

  // The type of oclif's method depends on `must`, which an implementation cannot repeat.
  findCommand(id: string): never {
    return this.commands.find((command) => command.id === id)?.load() as never;
  }

  async load(): Promise<void> {}
}

/** Returns the context of the run that `config` belongs to. Works in hooks too, which are bundled apart. */
export function contextOf<Context>(config: OclifConfig): Context {
  const plugin = config.plugins.get(config.name);
  if (plugin === undefined || !('context' in plugin)) throw new Error(`${config.name} was started without a context`);
  return plugin.context as Context;
}
