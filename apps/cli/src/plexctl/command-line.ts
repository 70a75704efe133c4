import { commandTable, topics } from './command-table.ts';
import { nearest } from './nearest.ts';

/** What a line asks for. */
export type Line =
  | { readonly kind: 'version' }
  /** Help of the program, a topic or a command; `flags` are the persistent ones of a line that only lacks its command. */
  | { readonly kind: 'help'; readonly of: readonly string[]; readonly flags: readonly string[] }
  | { readonly kind: 'command'; readonly name: string; readonly words: readonly string[] }
  /** `nearest` is a command or topic that begins with `name`. */
  | { readonly kind: 'unknown'; readonly name: string; readonly nearest: string | undefined };

const flagsWithValue: ReadonlySet<string> = new Set(['--server', '--profile', '--token-file', '--ca-cert', '--output']);
const flagsWithout: ReadonlySet<string> = new Set(['--yes', '--reveal-secrets']);
/** How many words a flag takes: one that stands where its value should does not count as the value. */
const wordsOf = (next: string | undefined): number =>
  next !== undefined && (flagsWithValue.has(next) || flagsWithout.has(next)) ? 1 : 2;

/**
 * Finds the command in a line. Persistent flags may stand before and between its words; they are handed on behind it.
 * A flag's value is never taken for a word of the command.
 */
export function readLine(argv: readonly string[]): Line {
  const rest = [...argv];
  const path: string[] = [];
  const flags: string[] = [];
  for (let word = rest[0]; word !== undefined; word = rest[0]) {
    if (flagsWithValue.has(word)) flags.push(...rest.splice(0, wordsOf(rest[1])));
    else if (flagsWithout.has(word) || flagsWithValue.has(word.replace(/=.*$/s, ''))) flags.push(...rest.splice(0, 1));
    else if (word === '--version' && path.length === 0) return { kind: 'version' };
    else if (word === '--help' || word === '-h' || (word === 'help' && path.length === 0)) {
      return { kind: 'help', of: word === 'help' ? rest.slice(1) : path, flags: [] };
    } else {
      const longer = [...path, word].join(' ');
      if (Object.hasOwn(commandTable, longer)) return commandLine(longer, [...flags, ...rest.slice(1)]);
      if (!Object.hasOwn(topics, longer))
        return { kind: 'unknown', name: path.join(' '), nearest: nearestCommand(path, word) };
      path.push(word);
      rest.shift();
    }
  }
  return { kind: 'help', of: path, flags };
}

function commandLine(name: string, words: readonly string[]): Line {
  const end = words.indexOf('--');
  const asksHelp = (end < 0 ? words : words.slice(0, end)).some((word, index) => {
    const isValue = flagsWithValue.has(words[index - 1] ?? '');
    return !isValue && (word === '--help' || word === '-h');
  });
  return asksHelp ? { kind: 'help', of: name.split(' '), flags: [] } : { kind: 'command', name, words };
}

/** The command or topic that `word` was probably meant to be, behind the words that were understood. */
function nearestCommand(path: readonly string[], word: string): string | undefined {
  const depth = path.length;
  const known = [...Object.keys(commandTable), ...Object.keys(topics)].map((name) => name.split(' '));
  const next = known.filter((words) => words.slice(0, depth).join(' ') === path.join(' ')).map((words) => words[depth]);
  const found = nearest(
    word,
    next.filter((one) => one !== undefined),
  );
  return found === undefined ? undefined : [...path, found].join(' ');
}
