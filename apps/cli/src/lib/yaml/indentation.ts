/** The columns of the open block collections. */
export class Indentation {
  /** Column of the innermost block collection; -1 outside of all. */
  current = -1;
  readonly #outer: number[] = [];

  get depth(): number {
    return this.#outer.length;
  }

  open(column: number): void {
    this.#outer.push(this.current);
    this.current = column;
  }

  close(): void {
    this.current = this.#outer.pop() ?? -1;
  }
}
