import type { SimpleKey, Token } from './token.ts';

// Taken tokens are dropped in groups: moving the others is work too.
const MAX_TAKEN = 256;

/** Tokens that are scanned and not yet taken. */
export class TokenQueue {
  readonly #tokens: Token[] = [];
  #head = 0;

  get size(): number {
    return this.#tokens.length - this.#head;
  }

  get first(): Token | undefined {
    return this.#tokens[this.#head];
  }

  get last(): Token | undefined {
    return this.#tokens.at(-1);
  }

  add(token: Token): void {
    this.#tokens.push(token);
  }

  /** Adds tokens before the one that begins this key; at the end if it is taken already. */
  insertBefore(key: SimpleKey, tokens: readonly Token[]): void {
    const place = this.#tokens.findLastIndex(({ simpleKey }) => simpleKey === key);
    if (place < this.#head) this.#tokens.push(...tokens);
    else this.#tokens.splice(place, 0, ...tokens.toReversed());
  }

  removeFirst(): void {
    this.#head += 1;
    if (this.#head === this.#tokens.length) this.#tokens.length = 0;
    else if (this.#head >= MAX_TAKEN) this.#tokens.splice(0, this.#head);
    else return;
    this.#head = 0;
  }
}
