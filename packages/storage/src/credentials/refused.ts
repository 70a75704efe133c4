/** Rolls a transaction back and tells the caller why. */
export class Refused extends Error {
  readonly outcome: 'denied' | 'changed';
  constructor(outcome: 'denied' | 'changed') {
    super(outcome);
    this.outcome = outcome;
  }
}
