import type { FlagInput } from '@oclif/core/interfaces';
import type { CommandIndex } from './program.ts';

/** The result of parsing a command line up to the command. */
export type Line =
  | { readonly kind: 'version' }
  /**
   * Help for a program, topic or command. Not `isRequested` if the line only lacks a command; then it may have `flags`.
   */
  | {
      readonly kind: 'help';
      readonly isRequested: boolean;
      readonly path: readonly string[];
      readonly flags: readonly string[];
    }
  | { readonly kind: 'command'; readonly id: string; readonly words: readonly string[] }
  /** `words`: a topic and the following word, which is not a command. */
  | { readonly kind: 'unknown'; readonly words: readonly string[] };

export interface LineGrammar {
  readonly commands: CommandIndex;
  /** Common flags, which are also allowed before and between the words of the command. */
  readonly flags: FlagInput;
}

/**
 * Finds the command in a line and moves preceding flags behind it, because oclif expects the command as the first word.
 * The value of a flag is never interpreted as a word of the command.
 */
export function readLine(words: readonly string[], { commands, flags }: LineGrammar): Line {
  const rest = [...words];
  const path: string[] = [];
  const before: string[] = [];
  for (let word = rest[0]; word !== undefined; word = rest[0]) {
    if (takesValue(flags, word)) before.push(...rest.splice(0, isFlag(flags, rest[1]) ? 1 : 2));
    else if (isFlag(flags, word)) before.push(...rest.splice(0, 1));
    else if (word === '--version' && path.length === 0) return { kind: 'version' };
    else if (isHelp(word)) return { kind: 'help', isRequested: true, path, flags: [] };
    else if (word === 'help' && path.length === 0)
      return { kind: 'help', isRequested: true, path: rest.slice(1), flags: [] };
    else {
      const id = [...path, word].join(':');
      if (!isKnown(commands, id, word)) return { kind: 'unknown', words: [...path, word] };
      if (Object.hasOwn(commands, id)) return readWords(id, [...before, ...rest.slice(1)], flags);
      path.push(word);
      rest.shift();
    }
  }
  return { kind: 'help', isRequested: false, path, flags: before };
}

/** Returns whether an id is a command or topic. A colon in a word is refused, because oclif would split it. */
function isKnown(commands: CommandIndex, id: string, word: string): boolean {
  return !word.includes(':') && Object.keys(commands).some((known) => known === id || known.startsWith(`${id}:`));
}

function readWords(id: string, words: readonly string[], flags: FlagInput): Line {
  const end = words.indexOf('--');
  const isValue = (index: number): boolean => index > 0 && takesValue(flags, words[index - 1] ?? '');
  const asksHelp = words.some((word, index) => isHelp(word) && !isValue(index) && (end < 0 || index < end));
  if (asksHelp) return { kind: 'help', isRequested: true, path: id.split(':'), flags: [] };
  return { kind: 'command', id, words: attachHelp(words, isValue) };
}

/** Attaches the value `--help` of a flag with `=`, because oclif shows help for a separate word `--help`. */
function attachHelp(words: readonly string[], isValue: (index: number) => boolean): readonly string[] {
  const attached: string[] = [];
  for (const [index, word] of words.entries()) {
    if (word === '--help' && isValue(index)) attached.push(`${attached.pop()}=${word}`);
    else attached.push(word);
  }
  return attached;
}

function isHelp(word: string): boolean {
  return word === '--help' || word === '-h';
}

function takesValue(flags: FlagInput, word: string): boolean {
  return word.startsWith('--') && flags[word.slice(2)]?.type === 'option';
}

/** Returns whether a word is a common flag, alone or with its value attached. */
function isFlag(flags: FlagInput, word: string | undefined): boolean {
  if (word === undefined || !word.startsWith('--')) return false;
  const [name = '', ...value] = word.slice(2).split('=');
  const flag = flags[name];
  return flag !== undefined && (value.length === 0 || flag.type === 'option');
}
