import { COMMANDS as DEFINITIONS } from './definitions.ts';
import { toCommand } from './oclif-command.ts';

/** Every command by its name, as oclif's `explicit` strategy looks for them. */
export const COMMANDS = Object.fromEntries(DEFINITIONS.map((definition) => [definition.name, toCommand(definition)]));
