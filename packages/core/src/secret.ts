/**
 * Secret text that cannot be printed by accident: `String()`, template literals, JSON, `util.inspect` and loggers see
 * `<redacted>`. Unwrapped with {@link reveal} only in vaults, credential types, PKI and the response writer.
 */
/** Text and bytes of such a secret are not both kept. */
const LARGE_BYTES = 256 * 1024;
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();
const inspectSymbol = Symbol.for('nodejs.util.inspect.custom');

export class Secret {
  #content: string | Uint8Array;
  constructor(content: string | Uint8Array) {
    this.#content = content;
  }
  /** The secret itself. Named so that a reader of the caller stops and looks. */
  reveal(): string {
    return typeof this.#content === 'string' ? this.#content : utf8.decode(this.#content);
  }
  /** Returns the secret in UTF-8, not to be changed. A large one is kept so from then on. */
  revealBytes(): Uint8Array {
    if (typeof this.#content !== 'string') return this.#content;
    const bytes = encoder.encode(this.#content);
    if (bytes.length > LARGE_BYTES) this.#content = bytes;
    return bytes;
  }
  /** Characters or bytes, whichever is at hand: for choosing a way, not for a length on the wire. */
  get size(): number {
    return this.#content.length;
  }
  /** Length in UTF-8. */
  get byteLength(): number {
    return typeof this.#content === 'string' ? Buffer.byteLength(this.#content) : this.#content.length;
  }
  /** Whether {@link revealBytes} costs nothing. */
  get isBytes(): boolean {
    return typeof this.#content !== 'string';
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

/** `content`: text, or UTF-8 bytes of a large one, which are then not decoded before somebody asks. */
export function secret(content: string | Uint8Array): Secret {
  return new Secret(content);
}
