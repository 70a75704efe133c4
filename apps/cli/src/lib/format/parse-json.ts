import { type Entry, type JsonObject, object, type Value } from './json-tree.ts';

/** Text that is no JSON. The message is the one that users of the original command line know. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
}

// Deeper than any server stores (facts: depth 500), and shallow enough for a recursive reader and printer.
const maxDepth = 1000;

/**
 * Reads one JSON text. Of a key that is written twice the last value counts; half a surrogate pair becomes U+FFFD.
 * @throws JsonSyntaxError with the texts of Go (docs/reference/credhub-cli.md#json-output; `invalid character 'b'
 * looking for …`).
 */
export function parseJson(text: string): Value {
  const reader = new Reader(text);
  reader.skipBlanks();
  const value = reader.value(0);
  reader.skipBlanks();
  if (!reader.atEnd()) reader.fail('after top-level value');
  return value;
}

/**
 * The first JSON value of a stream of them; what follows it is not looked at.
 * @throws JsonSyntaxError as parseJson, but `EOF` for nothing and `unexpected EOF` for a beginning.
 */
export function parseFirstJson(text: string): Value {
  const reader = new Reader(text);
  reader.skipBlanks();
  if (reader.atEnd()) throw new JsonSyntaxError('EOF');
  try {
    return reader.value(0);
  } catch (error) {
    if (error instanceof JsonSyntaxError && reader.atEnd()) throw new JsonSyntaxError('unexpected EOF');
    throw error;
  }
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  fail(context: string): never {
    const code = this.#text.codePointAt(this.#at);
    // The original takes the end for a blank, and complains of that where no blank may stand.
    const noBlank = /^(in (?!string literal)|after decimal point)/.test(context);
    if (code === undefined && noBlank) throw new JsonSyntaxError(`invalid character ' ' ${context}`);
    if (code === undefined) throw new JsonSyntaxError('unexpected end of JSON input');
    throw new JsonSyntaxError(`invalid character ${quoteCharacter(code)} ${context}`);
  }

  skipBlanks(): void {
    while (' \t\r\n'.includes(this.#text[this.#at] ?? 'x')) this.#at++;
  }

  value(depth: number): Value {
    if (depth > maxDepth) throw new JsonSyntaxError('exceeded max depth');
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object(depth);
      case '[':
        return this.#list(depth);
      case '"':
        return this.#string();
      case 't':
        return this.#literal('true', true);
      case 'f':
        return this.#literal('false', false);
      case 'n':
        return this.#literal('null', null);
      default:
        return this.#number();
    }
  }

  #object(depth: number): JsonObject {
    const entries = new Map<string, Entry>();
    this.#at++;
    this.skipBlanks();
    if (this.#take('}')) return object([]);
    for (;;) {
      this.skipBlanks();
      if (this.#text[this.#at] !== '"') this.fail('looking for beginning of object key string');
      const key = this.#string();
      this.skipBlanks();
      if (!this.#take(':')) this.fail('after object key');
      this.skipBlanks();
      entries.set(key, [key, this.value(depth + 1)]);
      this.skipBlanks();
      if (this.#take('}')) return object(entries.values());
      if (!this.#take(',')) this.fail('after object key:value pair');
    }
  }

  #list(depth: number): Value[] {
    const items: Value[] = [];
    this.#at++;
    this.skipBlanks();
    if (this.#take(']')) return items;
    for (;;) {
      this.skipBlanks();
      items.push(this.value(depth + 1));
      this.skipBlanks();
      if (this.#take(']')) return items;
      if (!this.#take(',')) this.fail('after array element');
    }
  }

  #string(): string {
    const start = this.#at++;
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === 0x22) break;
      if (Number.isNaN(code) || code < 0x20) this.fail('in string literal');
      this.#at++;
      if (code === 0x5c) this.#escape();
    }
    this.#at++;
    const unescaped: unknown = JSON.parse(this.#text.slice(start, this.#at));
    return String(unescaped).toWellFormed();
  }

  #escape(): void {
    const letter = this.#text[this.#at] ?? '';
    if (letter === '' || !'"\\/bfnrtu'.includes(letter)) this.fail('in string escape code');
    this.#at++;
    if (letter !== 'u') return;
    for (let digits = 0; digits < 4; digits++) {
      if (!/^[0-9a-fA-F]$/.test(this.#text[this.#at] ?? '')) this.fail('in \\u hexadecimal character escape');
      this.#at++;
    }
  }

  #literal<T>(word: string, value: T): T {
    for (let index = 0; index < word.length; index++, this.#at++) {
      if (this.#text[this.#at] !== word[index]) this.fail(`in literal ${word} (expecting '${word[index]}')`);
    }
    return value;
  }

  #number(): Value {
    const start = this.#at;
    const negative = this.#take('-');
    if (!this.#take('0') && this.#digits() === 0) {
      this.fail(negative ? 'in numeric literal' : 'looking for beginning of value');
    }
    if (this.#take('.') && this.#digits() === 0) this.fail('after decimal point in numeric literal');
    if (this.#take('e') || this.#take('E')) {
      if (!this.#take('+')) this.#take('-');
      if (this.#digits() === 0) this.fail('in exponent of numeric literal');
    }
    return { kind: 'number', text: this.#text.slice(start, this.#at) };
  }

  #digits(): number {
    const start = this.#at;
    while (/^[0-9]$/.test(this.#text[this.#at] ?? '')) this.#at++;
    return this.#at - start;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }
}

const namedEscapes: Readonly<Record<number, string>> = {
  7: '\\a',
  8: '\\b',
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
  39: "\\'",
  92: '\\\\',
};

/** The original reads bytes: of a character beyond ASCII it shows the first byte of its UTF-8 form as a character. */
function quoteCharacter(codePoint: number): string {
  const byte = new TextEncoder().encode(String.fromCodePoint(codePoint))[0] ?? 0;
  const hex = byte.toString(16).padStart(2, '0');
  const named = namedEscapes[byte];
  if (named !== undefined) return `'${named}'`;
  if (byte < 0x20 || byte === 0x7f) return `'\\x${hex}'`;
  if ((byte >= 0x80 && byte <= 0xa0) || byte === 0xad) return `'\\u00${hex}'`;
  return `'${String.fromCharCode(byte)}'`;
}
