/** `credplex config`. */
import { printConfig } from '../config.ts';
import type { Command } from './command.ts';

export const commands: readonly Command[] = [
  {
    name: 'config',
    summary: 'Prints the settings in force, secrets hidden. Wrong settings are named, exit status 1.',
    usage: '[--config FILE]',
    positionals: [],
    options: {},
    help: [],
    examples: ['credplex config', 'CREDPLEX_LEVEL=2 credplex config --config credplex.yml'],
    async run({ terminal, config }) {
      terminal.out(printConfig(config()).trimEnd());
    },
  },
];
