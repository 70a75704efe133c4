/** Folds the line breaks between two parts of a text: one is a blank, of several the first one is dropped. */
export class LineFolder {
  #first = '';
  #others = '';

  add(lineBreak: string): void {
    if (this.#first === '') this.#first = lineBreak;
    else this.#others += lineBreak;
  }

  /** Adds a line break that does not count as the first one, such as those behind an escaped one. */
  addFurther(lineBreak: string): void {
    this.#others += lineBreak;
  }

  /** What stands for the line breaks; begins anew. */
  fold(): string {
    const first = this.#first;
    const others = this.#others;
    this.#first = '';
    this.#others = '';
    if (first !== '\n') return first + others;
    return others === '' ? ' ' : others;
  }
}
