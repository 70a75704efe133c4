import type { Definition } from '@credplex/command-line';
import { type Flag, type FlagTable, longName, takesValue } from './flag-types.ts';

const DEFAULT_WIDTH = 80;

/**
 * Returns the help of a command, or of the program, in the original's layout
 * (docs/reference/credhub-cli.md#argument-parsing).
 */
export function helpText(
  command: Definition | undefined,
  definitions: readonly Definition[],
  columns: number | undefined,
): string {
  const width = columns && columns > 20 ? columns : DEFAULT_WIDTH;
  const own = ownFlags(command);
  const all = globalFlags(definitions);
  const { help, ...others } = all;
  const layout = { start: descriptionColumn(all, own, argumentOf(command)?.name), width };
  const section = (title: string, flags: FlagTable, indent: number): string =>
    `\n${title}:\n${Object.entries(flags)
      .map(([name, flag]) => describe(name, flag, indent, layout))
      .join('')}`;
  const parts = [`Usage:\n  ${usage(command)}\n`];
  if (command !== undefined) parts.push(`\n${wrap(command.description ?? '', width, '')}\n`);
  parts.push(section('Application Options', others, 2));
  if (help !== undefined) parts.push(section('Help Options', { help }, 2));
  if (command === undefined) parts.push(`\nAvailable commands:\n${commandList(definitions)}`);
  if (command !== undefined && Object.keys(own).length > 0) {
    parts.push(section(`[${command.id} command options]`, own, 6).replace(']:\n', ']\n'));
  }
  const argument = argumentOf(command);
  if (command !== undefined && argument !== undefined) {
    const name = `  ${argument.name}:`.padEnd(layout.start);
    parts.push(`\n[${command.id} command arguments]\n${name}${argument.description}\n`);
  }
  if (command !== undefined) parts.push(`\nExamples:\n${examplesOf(command)}`);
  return parts.join('');
}

function ownFlags(command: Definition | undefined): FlagTable {
  return Object.fromEntries(Object.entries(command?.flags ?? {}).filter(([, flag]) => flag.helpGroup !== 'GLOBAL'));
}

/** The flags that every command has. */
function globalFlags([any]: readonly Definition[]): FlagTable {
  return Object.fromEntries(Object.entries(any?.flags ?? {}).filter(([, flag]) => flag.helpGroup === 'GLOBAL'));
}

function argumentOf(command: Definition | undefined): { name: string; description: string } | undefined {
  const [entry] = Object.entries(command?.args ?? {});
  return entry && { name: entry[0].toUpperCase(), description: entry[1].description ?? '' };
}

function examplesOf({ examples = [] }: Definition): string {
  return examples.map((line) => `  $ ${typeof line === 'string' ? line : line.command}\n`).join('');
}

function usage(command: Definition | undefined): string {
  if (command === undefined) return 'credhub [OPTIONS] [command]';
  const options = Object.keys(ownFlags(command)).length > 0 ? ` [${command.id}-OPTIONS]` : '';
  const argument = argumentOf(command);
  return `credhub [OPTIONS] ${command.id}${options}${argument === undefined ? '' : ` [${argument.name}]`}`;
}

/** Descriptions of all sections start in one column, two blanks behind the longest option. */
function descriptionColumn(globals: FlagTable, own: FlagTable, argument: string | undefined): number {
  const lengths = [
    ...Object.keys(globals).map((name) => name.length),
    ...Object.keys(own).map((name) => (longName(name) ?? '').length + 4),
    (argument?.length ?? -4) + 4,
  ];
  return Math.max(...lengths) + 10;
}

function describe(name: string, flag: Flag, indent: number, layout: { start: number; width: number }): string {
  const { char, env, summary = '' } = flag;
  const short = char === undefined ? '  ' : `-${char}`;
  const long = longName(name);
  const both = long === undefined ? '' : `${char === undefined ? '  ' : ', '}--${long}`;
  const option = `${' '.repeat(indent)}${short}${both}${takesValue(flag) ? '=' : ''}`;
  const text = env === undefined ? summary : `${summary} [$${env}]`;
  const margin = ' '.repeat(layout.start);
  return `${option.padEnd(layout.start)}${wrap(text, layout.width - layout.start, margin)}\n`;
}

function commandList(definitions: readonly Definition[]): string {
  const width = Math.max(...definitions.map(({ id }) => id.length)) + 2;
  return definitions
    .map(({ id, summary, aliases }) => {
      const alias = aliases.length === 0 ? '' : ` (aliases: ${aliases.join(', ')})`;
      return `  ${id.padEnd(width)}${summary}${alias}\n`;
    })
    .join('');
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
