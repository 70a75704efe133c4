/** What the management `/health` asks: unlike `/readyz`, it fails whenever a request would. */

interface Checked {
  /** Rejects when the database does not answer. */
  ping(): Promise<void>;
  readonly vault: { check(): Promise<void> };
}

/** A load balancer waits a few seconds for an answer; the vault's own check may take two. */
const DEADLINE_MS = 2_500;

/** Resolves when both database and vault answer. Rejects when one does not, or not within `deadlineMs`. */
export async function checkHealth({ ping, vault }: Checked, deadlineMs: number = DEADLINE_MS): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('no answer in time')), deadlineMs);
  try {
    await Promise.race([Promise.all([ping(), vault.check()]), late]);
  } finally {
    clearTimeout(timer);
  }
}
