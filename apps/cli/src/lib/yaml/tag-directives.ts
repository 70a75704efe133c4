import type { Scanner } from './scanner.ts';
import { YamlSyntaxError } from './syntax-error.ts';

const DEFAULT_PREFIXES: readonly (readonly [handle: string, prefix: string])[] = [
  ['!', '!'],
  ['!!', 'tag:yaml.org,2002:'],
];

/** Reads the directives before a document. Returns the prefix of each tag handle. */
export function readDirectives(scanner: Scanner): ReadonlyMap<string, string> {
  const prefixes = new Map<string, string>();
  let versioned = false;
  for (let token = scanner.peek(); token.kind.endsWith('-directive'); token = scanner.peek()) {
    if (token.kind === 'version-directive') {
      if (versioned) throw parserError('found duplicate %YAML directive', token.line);
      if (token.value !== '1.1') throw parserError('found incompatible YAML document', token.line);
      versioned = true;
    } else {
      if (prefixes.has(token.value)) throw parserError('found duplicate %TAG directive', token.line);
      prefixes.set(token.value, token.suffix);
    }
    scanner.next();
  }
  for (const [handle, prefix] of DEFAULT_PREFIXES) if (!prefixes.has(handle)) prefixes.set(handle, prefix);
  return prefixes;
}

/**
 * Returns an error of the parser. Lines are counted from 0, and that is how go-yaml prints them: one less than an editor
 * shows, and in the first line that of the context or none.
 */
export function parserError(problem: string, line: number, contextLine = 0): YamlSyntaxError {
  return new YamlSyntaxError(problem, line || contextLine || undefined);
}
