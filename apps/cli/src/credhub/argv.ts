import type { Definition } from '@credplex/command-line';
import { GLOBAL_FLAGS } from './common-flags.ts';
import { displayName, type Flag, type FlagTable, longName, takesValue } from './flag-types.ts';
import { LiteralError, parseDuration, parseInteger, unquote } from './go-literals.ts';

/** A valid line with a command. */
export interface ParsedLine {
  readonly command: Definition;
  /** By the name of the flag; repeatable flags hold lists. */
  readonly values: Readonly<Record<string, unknown>>;
  /** The command's positional argument. */
  readonly argument: string | undefined;
  /** Unexpected arguments. They are refused after the login was checked. */
  readonly superfluous: readonly string[];
  /** Nanoseconds of --http-timeout. */
  readonly httpTimeout: bigint | undefined;
}

/**
 * What a command line asks for. `version` and `token` act at once, whatever follows them
 * (docs/reference/credhub-cli.md#argument-parsing).
 */
export type Outcome =
  | { readonly kind: 'run'; readonly line: ParsedLine }
  | { readonly kind: 'help'; readonly command: Definition | undefined }
  | { readonly kind: 'version' | 'token'; readonly httpTimeout: bigint | undefined }
  | { readonly kind: 'fault'; readonly message: string };

type Env = Readonly<Record<string, string | undefined>>;

/** Ends the parser early. Internal to this file. */
class Stop extends Error {
  readonly outcome: Outcome;
  constructor(outcome: Outcome) {
    super();
    this.outcome = outcome;
  }
}

interface State {
  readonly words: string[];
  command: Definition | undefined;
  readonly definitions: readonly Definition[];
  flags: FlagTable;
  readonly values: Record<string, unknown>;
  readonly plain: string[];
}

/**
 * Reads a whole command line by the grammar of go-flags (docs/reference/credhub-cli.md#argument-parsing) and the
 * definitions of the oclif commands. Pure: it looks only at what it is given.
 */
export function parseLine(words: readonly string[], definitions: readonly Definition[], env: Env): Outcome {
  const state: State = {
    words: [...words],
    command: undefined,
    definitions,
    flags: GLOBAL_FLAGS,
    values: {},
    plain: [],
  };
  try {
    for (let word = state.words.shift(); word !== undefined; word = state.words.shift()) {
      if (isOption(word)) readOption(state, word);
      else readPlain(state, word);
    }
    return finish(state, env);
  } catch (error) {
    if (error instanceof Stop) return error.outcome;
    throw error;
  }
}

/** `-x…` and `--xx…` are options; `-`, `--` and anything with three dashes are plain words, PEM texts above all. */
export function isOption(word: string): boolean {
  return /^-[^-]/.test(word) || /^--[^-]/.test(word);
}

/** Reads a plain word. After an unknown command no other command is recognised, but options are still read. */
function readPlain(state: State, word: string): void {
  const named = state.command === undefined && state.plain.length === 0;
  const command = named ? findCommand(state.definitions, word) : undefined;
  if (command === undefined) {
    state.plain.push(word);
    return;
  }
  state.command = command;
  state.flags = command.flags;
}

/** Returns the command of this name or alias. */
export function findCommand(definitions: readonly Definition[], word: string): Definition | undefined {
  return definitions.find(({ id, aliases }) => id === word || aliases.includes(word));
}

type Named = readonly [name: string, flag: Flag];

function findFlag(flags: FlagTable, matches: (name: string, flag: Flag) => boolean): Named | undefined {
  return Object.entries(flags).find(([name, flag]) => matches(name, flag));
}

function readOption(state: State, word: string): void {
  const isLong = word.startsWith('--');
  const body = word.slice(isLong ? 2 : 1);
  const equals = body.indexOf('=');
  const attached = (isLong && equals >= 0) || equals === 1 ? body.slice(equals + 1) : undefined;
  const name = attached === undefined ? body : body.slice(0, equals);
  if (isLong) {
    const found = findFlag(state.flags, (known) => longName(known) === name);
    if (!found) throw fault(`unknown flag \`${name}'`);
    take(state, found, attached, true);
  } else {
    readLetters(state, [...name], attached);
  }
}

/** Reads short flags. A flag with a value takes the rest of the word; flags without a value can be bundled. */
function readLetters(state: State, letters: readonly string[], given: string | undefined): void {
  const find = (letter: string): Named | undefined => findFlag(state.flags, (_, { char }) => char === letter);
  const first = find(letters[0] ?? '');
  if (given === undefined && letters.length > 1 && first && takesValue(first[1])) {
    take(state, first, letters.slice(1).join(''), false);
    return;
  }
  let attached = given;
  for (const [index, letter] of letters.entries()) {
    const found = find(letter);
    if (!found) throw fault(`unknown flag \`${letter}'`);
    take(state, found, attached, index === letters.length - 1);
    attached = undefined;
  }
}

function take(state: State, [name, flag]: Named, attached: string | undefined, mayTakeNext: boolean): void {
  const display = displayName(name, flag);
  if (!takesValue(flag)) {
    if (attached !== undefined) throw fault(`bool flag \`${display}' cannot have an argument`);
    if (name === 'help') throw new Stop({ kind: 'help', command: state.command });
    if (name === 'version' || name === 'token') throw new Stop({ kind: name, httpTimeout: timeoutIn(state) });
    state.values[name] = true;
    return;
  }
  const word = attached ?? (mayTakeNext ? state.words.shift() : undefined);
  if (word === undefined) throw fault(`expected argument for flag \`${display}'`);
  // A negative number or duration is the flag's value, not an option.
  const isNumber = flag.goType !== undefined && /^-[0-9]/.test(word);
  if (attached === undefined && isOption(word) && !isNumber) {
    throw fault(`expected argument for flag \`${display}', but got option \`${word}'`);
  }
  store(state.values, [name, flag], word, true);
}

function store(values: Record<string, unknown>, [name, flag]: Named, word: string, quoted: boolean): void {
  try {
    const plain = quoted ? unquote(word) : word;
    if (flag.goType === 'int') values[name] = parseInteger(plain);
    else if (flag.goType === '*time.Duration') values[name] = parseDuration(plain);
    else if (flag.multiple) values[name] = [...((values[name] as string[] | undefined) ?? []), plain];
    else values[name] = plain;
  } catch (error) {
    if (!(error instanceof LiteralError)) throw error;
    const expected = flag.goType ?? (flag.multiple ? '[]string' : 'string');
    throw fault(`invalid argument for flag \`${displayName(name, flag)}' (expected ${expected}): ${error.message}`);
  }
}

/** After the last word: missing required flags come before a bad value in the environment. */
function finish(state: State, env: Env): Outcome {
  const flags = Object.entries(state.flags);
  const missing = flags.filter(([name, flag]) => flag.required && !(name in state.values));
  if (missing.length > 0) return { kind: 'fault', message: describeMissing(missing) };
  const { command } = state;
  for (const [name, flag] of flags) {
    const value = flag.env === undefined ? undefined : env[flag.env];
    if (value !== undefined && !(name in state.values)) store(state.values, [name, flag], value, false);
  }
  if (command === undefined) return { kind: 'help', command: undefined };
  const superfluous = [...state.plain];
  const argument = Object.keys(command.args).length === 0 ? undefined : superfluous.shift();
  const values = withSwitches(command.flags, state.values);
  return { kind: 'run', line: { command, values, argument, superfluous, httpTimeout: timeoutIn(state) } };
}

function withSwitches(flags: FlagTable, values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const off = Object.entries(flags).filter(([, flag]) => !takesValue(flag));
  return { ...Object.fromEntries(off.map(([name]) => [name, false])), ...values };
}

function describeMissing(flags: readonly Named[]): string {
  const names = flags.map(([name, flag]) => `\`${displayName(name, flag)}'`).sort();
  if (names.length === 1) return `the required flag ${names[0]} was not specified`;
  return `the required flags ${names.slice(0, -1).join(', ')} and ${names.at(-1)} were not specified`;
}

function timeoutIn(state: State): bigint | undefined {
  const value = state.values['http-timeout'];
  return typeof value === 'bigint' ? value : undefined;
}

function fault(message: string): Stop {
  return new Stop({ kind: 'fault', message });
}
