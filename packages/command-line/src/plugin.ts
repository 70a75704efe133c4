import type { Config as OclifConfig, PJSON, Plugin, Topic } from '@oclif/core/interfaces';
import type { Definition, Program } from './program.ts';

/**
 * A program as oclif's root plugin. With it, oclif does not search for a package and read its manifest. The plugin also
 * passes the context of a run to the commands: their host, and the arguments that were parsed before oclif.
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
    // Copied, because oclif's help modifies ids in place.
    this.commands = definitions.map((definition) => ({ ...definition }));
    this.context = context;
    const oclif = { bin: name, topicSeparator };
    this.pjson = { name, version, description, type: 'module', dependencies: {}, oclif } as unknown as PJSON;
  }

  get commandIDs(): string[] {
    return this.commands.map(({ id }) => id);
  }

  // The return type of oclif's method depends on its option `must`, which TypeScript cannot express here.
  findCommand(id: string): never {
    return this.commands.find((command) => command.id === id)?.load() as never;
  }

  async load(): Promise<void> {}
}

/** Returns the context of the run that `config` belongs to. Also works in hooks, which are bundled separately. */
export function contextOf<Context>(config: OclifConfig): Context {
  const plugin = config.plugins.get(config.name);
  if (plugin === undefined || !('context' in plugin)) throw new Error(`${config.name} was started without a context`);
  return plugin.context as Context;
}
