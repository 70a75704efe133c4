import { COMMANDS as DEFINITIONS } from './definitions.ts';
import { toCommand } from './oclif-command.ts';

export { bindHost } from './oclif-command.ts';

/** What oclif's `explicit` strategy looks for: every command by its name. */
export const COMMANDS = Object.fromEntries(DEFINITIONS.map((definition) => [definition.name, toCommand(definition)]));
