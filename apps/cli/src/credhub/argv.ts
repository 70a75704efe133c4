import type { CommandDefinition } from './command-definition.ts';
import { COMMANDS } from './definitions.ts';
import { type Flag, type FlagTable, nameOf, takesValue } from './flag-types.ts';
import { GLOBAL_FLAGS } from './flags.ts';
import { LiteralError, parseDuration, parseInteger, unquote } from './go-literals.ts';

/** A line that names a command and breaks no rule of the parser. */
export interface ParsedLine {
  readonly command: CommandDefinition;
  /** By key of the command's table; repeatable flags hold lists. */
  readonly values: Readonly<Record<string, unknown>>;
  /** The command's positional argument. */
  readonly argument: string | undefined;
  /** Words that nothing takes; they are refused, but only after the login was checked. */
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
  | { readonly kind: 'help'; readonly command: CommandDefinition | undefined }
  | { readonly kind: 'version' | 'token'; readonly httpTimeout: bigint | undefined }
  | { readonly kind: 'fault'; readonly message: string };

type Env = Readonly<Record<string, string | undefined>>;

/** Thrown inside the parser to end it; never leaves this file. */
class Stop extends Error {
  readonly outcome: Outcome;
  constructor(outcome: Outcome) {
    super();
    this.outcome = outcome;
  }
}

interface State {
  readonly words: string[];
  command: CommandDefinition | undefined;
  flags: [key: string, flag: Flag][];
  readonly values: Record<string, unknown>;
  readonly plain: string[];
}

/** Reads a whole command line. Pure: it looks only at the words, the tables and the environment given. */
export function parseLine(words: readonly string[], env: Env): Outcome {
  const state: State = {
    words: [...words],
    command: undefined,
    flags: Object.entries(GLOBAL_FLAGS),
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

/** Behind a word that names no command nothing else does, but its options are still read (and --version acts). */
function readPlain(state: State, word: string): void {
  const named = state.command === undefined && state.plain.length === 0;
  const command = named ? COMMANDS.find((known) => known.name === word || known.alias === word) : undefined;
  if (command === undefined) {
    state.plain.push(word);
    return;
  }
  state.command = command;
  state.flags = [...state.flags, ...Object.entries<Flag>(command.flags)];
}

function readOption(state: State, word: string): void {
  const isLong = word.startsWith('--');
  const body = word.slice(isLong ? 2 : 1);
  const equals = body.indexOf('=');
  const attached = (isLong && equals >= 0) || equals === 1 ? body.slice(equals + 1) : undefined;
  const name = attached === undefined ? body : body.slice(0, equals);
  if (isLong) {
    const found = state.flags.find(([, flag]) => flag.long === name);
    if (!found) throw fault(`unknown flag \`${name}'`);
    take(state, found, attached, true);
  } else {
    readLetters(state, [...name], attached);
  }
}

/** A letter that takes a value swallows the rest of its word; letters that take none may be bundled. */
function readLetters(state: State, letters: readonly string[], given: string | undefined): void {
  const find = (letter: string): [string, Flag] | undefined => state.flags.find(([, flag]) => flag.short === letter);
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

function take(state: State, [key, flag]: [string, Flag], attached: string | undefined, mayTakeNext: boolean): void {
  if (!takesValue(flag)) {
    if (attached !== undefined) throw fault(`bool flag \`${nameOf(flag)}' cannot have an argument`);
    if (flag === GLOBAL_FLAGS.help) throw new Stop({ kind: 'help', command: state.command });
    if (flag === GLOBAL_FLAGS.version) throw new Stop({ kind: 'version', httpTimeout: timeoutIn(state) });
    if (flag === GLOBAL_FLAGS.token) throw new Stop({ kind: 'token', httpTimeout: timeoutIn(state) });
    state.values[key] = true;
    return;
  }
  const word = attached ?? (mayTakeNext ? state.words.shift() : undefined);
  if (word === undefined) throw fault(`expected argument for flag \`${nameOf(flag)}'`);
  if (attached === undefined && isOption(word) && !(isSigned(flag) && /^-[0-9]/.test(word))) {
    throw fault(`expected argument for flag \`${nameOf(flag)}', but got option \`${word}'`);
  }
  store(state.values, key, flag, word, true);
}

/** A duration is a number too, so that a negative one is its value and no option. */
const isSigned = ({ kind }: Flag): boolean => kind === 'integer' || kind === 'duration';

const EXPECTED = { text: 'string', texts: '[]string', integer: 'int', duration: '*time.Duration', switch: 'bool' };

function store(values: Record<string, unknown>, key: string, flag: Flag, word: string, quoted: boolean): void {
  try {
    const plain = quoted ? unquote(word) : word;
    if (flag.kind === 'integer') values[key] = parseInteger(plain);
    else if (flag.kind === 'duration') values[key] = parseDuration(plain);
    else if (flag.kind === 'texts') values[key] = [...((values[key] as string[] | undefined) ?? []), plain];
    else values[key] = plain;
  } catch (error) {
    if (!(error instanceof LiteralError)) throw error;
    throw fault(`invalid argument for flag \`${nameOf(flag)}' (expected ${EXPECTED[flag.kind]}): ${error.message}`);
  }
}

/** After the last word: missing required flags come before a bad value in the environment. */
function finish(state: State, env: Env): Outcome {
  const missing = state.flags.filter(([key, flag]) => flag.required && !(key in state.values));
  if (missing.length > 0) return { kind: 'fault', message: describeMissing(missing.map(([, flag]) => flag)) };
  const { command } = state;
  for (const [key, flag] of state.flags) {
    const value = flag.env === undefined ? undefined : env[flag.env];
    if (value !== undefined && !(key in state.values)) store(state.values, key, flag, value, false);
  }
  if (command === undefined) return { kind: 'help', command: undefined };
  const superfluous = [...state.plain];
  const argument = command.argument === undefined ? undefined : superfluous.shift();
  const values = withSwitches(command.flags, state.values);
  return { kind: 'run', line: { command, values, argument, superfluous, httpTimeout: timeoutIn(state) } };
}

function withSwitches(flags: FlagTable, values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const off = Object.entries(flags).filter(([, flag]) => flag.kind === 'switch');
  return { ...Object.fromEntries(off.map(([key]) => [key, false])), ...values };
}

function describeMissing(flags: readonly Flag[]): string {
  const names = flags.map((flag) => `\`${nameOf(flag)}'`).sort();
  if (names.length === 1) return `the required flag ${names[0]} was not specified`;
  return `the required flags ${names.slice(0, -1).join(', ')} and ${names.at(-1)} were not specified`;
}

function timeoutIn(state: State): bigint | undefined {
  const value = state.values.httpTimeout;
  return typeof value === 'bigint' ? value : undefined;
}

function fault(message: string): Stop {
  return new Stop({ kind: 'fault', message });
}
