/**
 * Secret text that cannot be printed by accident: `String()`, template literals, JSON, `util.inspect` and loggers see
 * `<redacted>`. Only vaults, credential types, PKI and the response writer call {@link Secret.reveal}.
 */
/** Above this size, a secret is kept either as text or as bytes, not as both. */
const LARGE_BYTES = 256 * 1024;
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();
const inspectSymbol = Symbol.for('nodejs.util.inspect.custom');

export class Secret {
  #content: string | Uint8Array;
  constructor(content: string | Uint8Array) {
    this.#content = content;
  }
  /** Returns the secret text. The name makes every use easy to find in a review. */
  reveal(): string {
    return typeof this.#content === 'string' ? this.#content : utf8.decode(this.#content);
  }
  /** Returns the secret in UTF-8, which must not be modified. A large secret is kept as bytes from then on. */
  revealBytes(): Uint8Array {
    if (typeof this.#content !== 'string') return this.#content;
    const bytes = encoder.encode(this.#content);
    if (bytes.length > LARGE_BYTES) this.#content = bytes;
    return bytes;
  }
  /** Characters or bytes, whichever is stored. An estimate for choosing an algorithm, not an exact length. */
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

/** Wraps text, or UTF-8 bytes of a large secret, which are decoded only when they are revealed. */
export function secret(content: string | Uint8Array): Secret {
  return new Secret(content);
}
