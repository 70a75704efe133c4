/**
 * Secret text that cannot be printed by accident: `String()`, template literals, JSON, `util.inspect` and loggers see
 * `<redacted>`. Unwrapped with {@link reveal} only in vaults, credential types, PKI and the response writer.
 */
const inspectSymbol = Symbol.for('nodejs.util.inspect.custom');

export class Secret {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  /** The secret itself. Named so that a reader of the caller stops and looks. */
  reveal(): string {
    return this.#text;
  }
  toString(): string {
    return '<redacted>';
  }
  toJSON(): string {
    return '<redacted>';
  }
  [inspectSymbol](): string {
    return '<redacted>';
  }
}

export const secret = (text: string): Secret => new Secret(text);
