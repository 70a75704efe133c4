import type { Completion, Definition } from '@credplex/command-line';
import { findCommand, isOption } from './argv.ts';
import { GLOBAL_FLAGS } from './common-flags.ts';
import { type Flag, type FlagTable, longName, takesValue } from './flag-types.ts';

/** go-flags' own variable: set, it makes a program print the completions of its line. */
export const COMPLETION_VARIABLE = 'GO_FLAGS_COMPLETION';

/** The candidates for the last word: a list of words, or a value with the typed prefix. */
export type Expected =
  | { readonly kind: 'words'; readonly words: readonly Completion[] }
  | { readonly kind: 'value'; readonly of: object; readonly typed: string; readonly prefix: string };

/** Returns what is expected in place of the last of the words. */
export function expectedWord(words: readonly string[], definitions: readonly Definition[]): Expected {
  const last = words.at(-1) ?? '';
  const { command, flags, awaited: pendingFlag, positionals } = locate(words.slice(0, -1), definitions);
  if (pendingFlag !== undefined) return { kind: 'value', of: pendingFlag, typed: last, prefix: '' };
  if (last.startsWith('-')) return attachedValue(last, flags) ?? { kind: 'words', words: completeFlag(last, flags) };
  if (command === undefined) return { kind: 'words', words: positionals > 0 ? [] : completeCommand(last, definitions) };
  const argument = Object.values(command.args)[positionals];
  return argument === undefined
    ? { kind: 'words', words: [] }
    : { kind: 'value', of: argument, typed: last, prefix: '' };
}

interface Position {
  command: Definition | undefined;
  flags: FlagTable;
  /** The flag whose value comes next. */
  awaited: Flag | undefined;
  positionals: number;
}

function locate(words: readonly string[], definitions: readonly Definition[]): Position {
  const position: Position = { command: undefined, flags: GLOBAL_FLAGS, awaited: undefined, positionals: 0 };
  for (const word of words) {
    if (position.awaited !== undefined) position.awaited = undefined;
    else if (isOption(word)) position.awaited = flagAwaitingValue(word, position.flags);
    else if (position.command !== undefined) position.positionals += 1;
    else {
      position.command = findCommand(definitions, word);
      if (position.command === undefined) position.positionals += 1;
      else position.flags = position.command.flags;
    }
  }
  return position;
}

function ofLetter(flags: FlagTable, letter: string): Flag | undefined {
  return Object.values(flags).find(({ char }) => char === letter);
}

function flagAwaitingValue(word: string, flags: FlagTable): Flag | undefined {
  if (word.startsWith('--')) {
    const flag = flags[longName(word.slice(2)) ?? ''];
    return flag && takesValue(flag) ? flag : undefined;
  }
  const letters = [...word.slice(1)];
  const taking = letters.findIndex((letter) => {
    const flag = ofLetter(flags, letter);
    return flag !== undefined && takesValue(flag);
  });
  return taking >= 0 && taking === letters.length - 1 ? ofLetter(flags, letters[taking] ?? '') : undefined;
}

/** A value that is typed in the word of its flag: `--name=value`, `-nvalue`, `-n=value`. */
function attachedValue(word: string, flags: FlagTable): Expected | undefined {
  const match = /^(--([^=]+)=|-([^-])=?)(.+)$|^(--([^=]+)=)$/s.exec(word);
  if (!match) return undefined;
  const long = match[2] ?? match[6];
  const flag = long === undefined ? ofLetter(flags, match[3] ?? '') : flags[longName(long) ?? ''];
  if (flag === undefined || !takesValue(flag)) return undefined;
  return { kind: 'value', of: flag, typed: match[4] ?? '', prefix: match[1] ?? match[5] ?? '' };
}

function completeFlag(word: string, flags: FlagTable): Completion[] {
  if (word.includes('=')) return [];
  const all = Object.entries(flags);
  if (word.startsWith('--')) {
    return all.flatMap(([name, { summary = '' }]) =>
      longName(name)?.startsWith(word.slice(2)) ? [{ word: `--${name}`, description: summary }] : [],
    );
  }
  // What follows a letter with a value is that value, and nothing is known of it.
  const first = word.length > 1 ? ofLetter(flags, word[1] ?? '') : undefined;
  if (first !== undefined && takesValue(first)) return [];
  if (word !== '-') return [{ word, description: '' }];
  return all.map(([name, { char, summary = '' }]) => ({
    word: longName(name) === undefined ? `-${char}` : `--${name}`,
    description: summary,
  }));
}

function completeCommand(word: string, definitions: readonly Definition[]): Completion[] {
  return definitions
    .filter(({ id }) => id.startsWith(word))
    .map(({ id, summary = '' }) => ({ word: id, description: summary }));
}
