/**
 * Write intents for remote vaults. An intent is committed before the vault is written and deleted in the transaction
 * that writes the row. An old intent therefore names a path that may hold an orphan.
 */
export interface Intents {
  /** Commits an intent and resolves to its id. `keyId` identifies the vault that will be written. */
  open(path: string, ref: { purpose: string; id: string; keyId: string }): Promise<string>;
  /** Deletes an intent after the write failed and its path was destroyed. */
  close(intent: string): Promise<void>;
  /**
   * Claims intents opened before `openedBefore`, and paths of deleted rows that must still be destroyed. No server can
   * claim the same one again until a back-off has passed, which starts at some minutes and grows with each attempt.
   */
  claimStale(request: { openedBefore: Date; at: Date; limit: number }): Promise<StaleIntent[]>;
}

export interface StaleIntent {
  readonly intent: string;
  readonly path: string;
  readonly purpose: string;
  readonly id: string;
  /** Undefined in intents of earlier releases. */
  readonly keyId: string | undefined;
}
