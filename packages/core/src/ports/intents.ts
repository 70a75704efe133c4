/**
 * Promises made before a remote vault is written: committed first, deleted in the transaction that makes the row. An
 * old one that is still there names a path that may hold an orphan.
 */
export interface Intents {
  /** `keyId` names the vault that the path will be written to. */
  open(path: string, ref: { purpose: string; id: string; keyId: string }): Promise<string>;
  /** The write failed and the path has been destroyed. */
  close(intent: string): Promise<void>;
  /**
   * Intents opened before `openedBefore`, and paths of deleted rows that still await destruction; for the sweeper. Each
   * one claimed is not claimed again, by any server, until some minutes after `at` and ever longer with each attempt.
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
