import type { CommandDefinition } from './command-definition.ts';
import { COMMANDS } from './definitions.ts';
import type { Flag } from './flag-types.ts';
import { takesValue } from './flag-types.ts';
import { GLOBAL_FLAGS } from './flags.ts';

const DEFAULT_WIDTH = 80;

/**
 * Returns the help of a command, or of the program, in the original's layout
 * (docs/reference/credhub-cli.md#argument-parsing).
 */
export function helpText(command: CommandDefinition | undefined, columns: number | undefined): string {
  const width = columns && columns > 20 ? columns : DEFAULT_WIDTH;
  const own = command === undefined ? [] : Object.values(command.flags);
  const { help, ...globals } = GLOBAL_FLAGS;
  const layout = { start: descriptionColumn([...Object.values(GLOBAL_FLAGS)], own, command), width };
  const section = (title: string, flags: readonly Flag[], indent: number): string =>
    `\n${title}:\n${flags.map((flag) => describe(flag, indent, layout)).join('')}`;
  const parts = [`Usage:\n  ${usage(command)}\n`];
  if (command !== undefined) parts.push(`\n${wrap(command.description, width, '')}\n`);
  parts.push(section('Application Options', Object.values(globals), 2), section('Help Options', [help], 2));
  if (command === undefined) parts.push(`\nAvailable commands:\n${commandList()}`);
  if (command !== undefined && own.length > 0) {
    parts.push(section(`[${command.name} command options]`, own, 6).replace(']:\n', ']\n'));
  }
  if (command?.argument !== undefined) {
    const name = `  ${command.argument.name}:`.padEnd(layout.start);
    parts.push(`\n[${command.name} command arguments]\n${name}${command.argument.description}\n`);
  }
  if (command !== undefined) parts.push(`\nExamples:\n${command.examples.map((line) => `  $ ${line}\n`).join('')}`);
  return parts.join('');
}

function usage(command: CommandDefinition | undefined): string {
  if (command === undefined) return 'credhub [OPTIONS] [command]';
  const options = Object.keys(command.flags).length > 0 ? ` [${command.name}-OPTIONS]` : '';
  const argument = command.argument === undefined ? '' : ` [${command.argument.name}]`;
  return `credhub [OPTIONS] ${command.name}${options}${argument}`;
}

/** Descriptions of all sections start in one column, two blanks behind the longest option. */
function descriptionColumn(
  globals: readonly Flag[],
  own: readonly Flag[],
  command: CommandDefinition | undefined,
): number {
  const lengths = [
    ...globals.map((flag) => (flag.long ?? '').length),
    ...own.map((flag) => (flag.long ?? '').length + 4),
    (command?.argument?.name.length ?? -4) + 4,
  ];
  return Math.max(...lengths) + 10;
}

function describe(flag: Flag, indent: number, layout: { start: number; width: number }): string {
  const short = flag.short === undefined ? '  ' : `-${flag.short}`;
  const long = flag.long === undefined ? '' : `${flag.short === undefined ? '  ' : ', '}--${flag.long}`;
  const option = `${' '.repeat(indent)}${short}${long}${takesValue(flag) ? '=' : ''}`;
  const text = flag.env === undefined ? flag.description : `${flag.description} [$${flag.env}]`;
  const margin = ' '.repeat(layout.start);
  return `${option.padEnd(layout.start)}${wrap(text, layout.width - layout.start, margin)}\n`;
}

function commandList(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length)) + 2;
  return COMMANDS.map(({ name, summary, alias }) => {
    const aliases = alias === undefined ? '' : ` (aliases: ${alias})`;
    return `  ${name.padEnd(width)}${summary}${aliases}\n`;
  }).join('');
}

function wrap(text: string, width: number, margin: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join(`\n${margin}`);
}
