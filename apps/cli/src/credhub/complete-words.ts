import { isOption } from './argv.ts';
import type { CommandDefinition } from './command-definition.ts';
import { COMMANDS } from './definitions.ts';
import { type Flag, takesValue } from './flag-types.ts';
import { GLOBAL_FLAGS } from './flags.ts';

/** A word that could stand where the line ends, and what it means. */
export interface Completion {
  readonly word: string;
  readonly description: string;
}

/** Completes the last of the words: a command, or a flag of the command named so far (GO_FLAGS_COMPLETION). */
export function completeWords(words: readonly string[]): readonly Completion[] {
  const { command, flags, valueExpected } = walk(words.slice(0, -1));
  const last = words.at(-1) ?? '';
  if (valueExpected) return [];
  const found = last.startsWith('-') ? completeFlag(last, flags) : command === undefined ? completeCommand(last) : [];
  return found.toSorted((a, b) => (a.word < b.word ? -1 : a.word > b.word ? 1 : 0));
}

function walk(words: readonly string[]): {
  command: CommandDefinition | undefined;
  flags: readonly Flag[];
  valueExpected: boolean;
} {
  let command: CommandDefinition | undefined;
  let flags: readonly Flag[] = Object.values(GLOBAL_FLAGS);
  let valueExpected = false;
  for (const word of words) {
    if (valueExpected) {
      valueExpected = false;
    } else if (isOption(word)) {
      valueExpected = awaitsValue(word, flags);
    } else if (command === undefined) {
      command = COMMANDS.find((known) => known.name === word || known.alias === word);
      flags = command === undefined ? flags : [...flags, ...Object.values(command.flags)];
    }
  }
  return { command, flags, valueExpected };
}

function awaitsValue(word: string, flags: readonly Flag[]): boolean {
  if (word.startsWith('--')) return flags.some((flag) => flag.long === word.slice(2) && takesValue(flag));
  const letters = [...word.slice(1)];
  const position = letters.findIndex((letter) => flags.some((flag) => flag.short === letter && takesValue(flag)));
  return position >= 0 && position === letters.length - 1;
}

function completeFlag(word: string, flags: readonly Flag[]): Completion[] {
  if (word.includes('=')) return [];
  if (word.startsWith('--')) {
    return flags.flatMap(({ long, description }) =>
      long?.startsWith(word.slice(2)) ? [{ word: `--${long}`, description }] : [],
    );
  }
  // What follows a letter with a value is that value, and nothing is known of it.
  if (word.length > 1 && flags.some((flag) => flag.short === word[1] && takesValue(flag))) return [];
  if (word !== '-') return [{ word, description: '' }];
  return flags.map(({ long, short, description }) => ({
    word: long === undefined ? `-${short}` : `--${long}`,
    description,
  }));
}

function completeCommand(word: string): Completion[] {
  return COMMANDS.filter(({ name }) => name.startsWith(word)).map(({ name, summary }) => ({
    word: name,
    description: summary,
  }));
}

/** One completion a line; `verbose` adds the descriptions, aligned, when there is more than one. */
export function renderCompletions(found: readonly Completion[], verbose: boolean): string {
  if (!verbose || found.length <= 1) return found.map(({ word }) => `${word}\n`).join('');
  const width = Math.max(...found.map(({ word }) => word.length));
  return found
    .map(({ word, description }) => (description === '' ? `${word}\n` : `${word.padEnd(width)}  # ${description}\n`))
    .join('');
}
