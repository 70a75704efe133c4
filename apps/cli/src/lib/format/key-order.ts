/** Order of the code points, which is also the order of the UTF-8 bytes; JavaScript's `<` differs beyond U+FFFF. */
export function compareBytes(a: string, b: string): number {
  const left = Array.from(a);
  const right = Array.from(b);
  for (let i = 0; i < left.length && i < right.length; i++) {
    const difference = (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/**
 * The "natural" key order of YAML output (docs/reference/credhub-cli.md#yaml): runs of digits compare as numbers, at
 * equal value the shorter run first; a letter against anything else comes last, but first right after digits that both
 * keys share.
 */
export function compareNatural(a: string, b: string): number {
  const left = Array.from(a);
  const right = Array.from(b);
  let at = 0;
  while (at < left.length && at < right.length && left[at] === right[at]) at++;
  const l = left[at];
  const r = right[at];
  if (l === undefined || r === undefined) return left.length - right.length;
  const letterLeft = isLetter(l);
  const letterRight = isLetter(r);
  if (letterLeft !== letterRight) {
    const afterDigits = at > 0 && isDigit(left[at - 1]);
    return letterLeft === afterDigits ? -1 : 1;
  }
  return (letterLeft ? 0 : compareDigits(left, right, at)) || compareBytes(l, r);
}

function compareDigits(left: readonly string[], right: readonly string[], at: number): number {
  // A zero weighs only behind a digit that both keys share and that is not itself a leading zero.
  const shared = sharedDigits(left, at);
  const runLeft = run(left, at);
  const runRight = run(right, at);
  const valueLeft = (shared + runLeft).replace(/^0+/, '');
  const valueRight = (shared + runRight).replace(/^0+/, '');
  if (valueLeft.length !== valueRight.length) return valueLeft.length - valueRight.length;
  return compareBytes(valueLeft, valueRight) || runLeft.length - runRight.length;
}

function sharedDigits(text: readonly string[], end: number): string {
  let start = end;
  while (start > 0 && isDecimal(text[start - 1])) start--;
  return text.slice(start, end).join('');
}

function run(text: readonly string[], start: number): string {
  let end = start;
  while (isDecimal(text[end])) end++;
  return text.slice(start, end).join('');
}

function isLetter(character: string): boolean {
  return /^\p{L}$/u.test(character);
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && /^\p{Nd}$/u.test(character);
}

function isDecimal(character: string | undefined): boolean {
  return character !== undefined && /^[0-9]$/.test(character);
}
