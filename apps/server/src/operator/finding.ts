/** One line of `credplex doctor`. */
export interface Finding {
  readonly what: string;
  readonly verdict: 'ok' | 'warn' | 'FAIL';
  readonly text: string;
}
