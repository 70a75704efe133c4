import type { FlagInput } from '@oclif/core/interfaces';
import type { Definition } from './program.ts';

/** A candidate for the last word, with its description. */
export interface Completion {
  readonly word: string;
  readonly description: string;
}

/** The values of a flag or argument that can be completed. */
export interface CompletableValue {
  /** The allowed values; oclif refuses others. */
  readonly options?: readonly string[] | undefined;
  /** Suggested values; the command or the server may accept others. */
  readonly choices?: readonly string[] | undefined;
}

export interface CompletionInput {
  readonly definitions: readonly Definition[];
  /** Descriptions of topics, the words that group commands. */
  readonly topics: Readonly<Record<string, string>>;
  /** Flags that all commands have, so that they can be completed before the command is known. */
  readonly flags: FlagInput;
}

/** Adds suggested values to a flag or argument that also accepts others. */
export function withChoices<T extends object>(definition: T, choices: readonly string[]): T {
  return { ...definition, choices };
}

interface Position {
  readonly path: readonly string[];
  readonly command: Definition | undefined;
  readonly positionals: number;
  /** The flag whose value is being typed. */
  readonly pendingFlag: string | undefined;
}

/** Completes the last of the words: a command, a flag of the command, or a value from a closed list. */
export function completeLine(words: readonly string[], input: CompletionInput): readonly Completion[] {
  const last = words.at(-1) ?? '';
  const position = locate(words.slice(0, -1), input);
  const flags: Readonly<Record<string, FlagDefinition>> = position.command?.flags ?? input.flags;
  if (position.pendingFlag !== undefined) return completeFromList(flags[position.pendingFlag], last);
  const attached = /^--([^=]+)=(.*)$/s.exec(last);
  if (attached) return completeFromList(flags[attached[1] ?? ''], attached[2] ?? '', `--${attached[1]}=`);
  if (last.startsWith('-')) return completeFlag(last, flags);
  if (position.command === undefined) return completeCommand(position.path, last, input);
  return completeFromList(Object.values(position.command.args)[position.positionals], last);
}

/** Returns the allowed or suggested values that start with `typed`, each with `prefix`. */
export function completeFromList(
  value: CompletableValue | undefined,
  typed: string,
  prefix = '',
): readonly Completion[] {
  const choices = value?.options ?? value?.choices ?? [];
  return choices
    .filter((choice) => choice.startsWith(typed))
    .map((choice) => ({ word: prefix + choice, description: '' }));
}

interface FlagDefinition extends CompletableValue {
  readonly type: 'boolean' | 'option';
  readonly summary?: string | undefined;
}

function locate(words: readonly string[], { definitions, flags: shared }: CompletionInput): Position {
  const path: string[] = [];
  let command: Definition | undefined;
  let positionals = 0;
  let pendingFlag: string | undefined;
  for (const word of words) {
    if (pendingFlag !== undefined) pendingFlag = undefined;
    else if (word.startsWith('--')) {
      const flags: Readonly<Record<string, FlagDefinition>> = command?.flags ?? shared;
      pendingFlag = flags[word.slice(2)]?.type === 'option' ? word.slice(2) : undefined;
    } else if (command !== undefined) positionals += 1;
    else if (!word.startsWith('-')) {
      path.push(word);
      command = definitions.find(({ id }) => id === path.join(':'));
    }
  }
  return { path, command, positionals, pendingFlag };
}

function completeFlag(typed: string, flags: Readonly<Record<string, FlagDefinition>>): readonly Completion[] {
  return Object.entries(flags)
    .map(([name, { summary = '' }]) => ({ word: `--${name}`, description: summary }))
    .filter(({ word }) => word.startsWith(typed));
}

function completeCommand(
  path: readonly string[],
  typed: string,
  { definitions, topics }: CompletionInput,
): readonly Completion[] {
  const prefix = path.map((word) => `${word}:`).join('');
  const found = new Map<string, string>();
  for (const { id, summary = '' } of definitions) {
    const [word = '', ...deeper] = id.startsWith(prefix) ? id.slice(prefix.length).split(':') : [];
    if (word === '' || !word.startsWith(typed)) continue;
    found.set(word, deeper.length === 0 ? summary : (topics[[...path, word].join(' ')] ?? ''));
  }
  return Array.from(found, ([word, description]) => ({ word, description }));
}

/**
 * Formats completions, one per line and sorted. `verbose` adds aligned descriptions if there are several. Words with a
 * line break are omitted, because a shell would split them.
 */
export function renderCompletions(completions: readonly Completion[], verbose: boolean): string {
  const found = completions
    .filter(({ word }) => !/[\r\n]/.test(word))
    .toSorted((a, b) => (a.word < b.word ? -1 : a.word > b.word ? 1 : 0));
  if (!verbose || found.length <= 1) return found.map(({ word }) => `${word}\n`).join('');
  const width = Math.max(...found.map(({ word }) => word.length));
  return found
    .map(({ word, description }) => (description === '' ? `${word}\n` : `${word.padEnd(width)}  # ${description}\n`))
    .join('');
}
