/**
 * Aborts uploads that hold memory without making progress while others wait for it. Otherwise a few connections that announce large
 * bodies and send nothing would block all other large bodies until they time out.
 */

export interface SlowUploadRule {
  /** Uploads younger than this are never aborted. */
  readonly graceMs: number;
  /** Minimum average rate since the start of an upload, enforced while others wait. */
  readonly minBytesPerSecond: number;
}

export const SLOW_UPLOAD_RULE: SlowUploadRule = { graceMs: 5_000, minBytesPerSecond: 64 * 1024 };

const CHECK_INTERVAL_MS = 1_000;

export interface Upload {
  /** Bytes that have arrived. */
  received(): number;
  giveUp(): void;
}

export interface SlowUploads {
  /** Watches an upload until the returned function is called. */
  watch(upload: Upload): () => void;
  /** Checks all uploads regularly while `isContended`. */
  start(): void;
}

/** Creates the check of slow uploads. `isContended` returns whether a request waits for memory. */
export function createSlowUploads(isContended: () => boolean, rule: SlowUploadRule): SlowUploads {
  const uploads = new Map<Upload, number>();
  let timer: NodeJS.Timeout | undefined;

  function checkUploads(): void {
    timer = undefined;
    if (!isContended()) return;
    const now = performance.now();
    for (const [upload, since] of uploads) {
      const elapsed = now - since;
      if (elapsed < rule.graceMs || upload.received() >= (elapsed / 1000) * rule.minBytesPerSecond) continue;
      uploads.delete(upload);
      upload.giveUp();
    }
    schedule();
  }

  function schedule(): void {
    if (timer === undefined && isContended())
      timer = setTimeout(checkUploads, Math.min(CHECK_INTERVAL_MS, rule.graceMs)).unref();
  }

  return {
    watch(upload) {
      uploads.set(upload, performance.now());
      return () => uploads.delete(upload);
    },
    start: schedule,
  };
}
