/**
 * A queue for slow key generation. It runs at most one job per core and never uses all of libuv's threads, so that file
 * reads, DNS and zlib still progress during many key requests.
 */
import { availableParallelism } from 'node:os';

const poolSize = Number(process.env.UV_THREADPOOL_SIZE) || 4;
/** Number of keys that are generated at the same time. */
export const MAX_CONCURRENT_GENERATIONS = Math.max(1, Math.min(availableParallelism(), poolSize - 1));

const waiting: (() => void)[] = [];
let running = 0;

/** Runs `generate` when a slot is free. Aborting removes a waiting job; a running job completes. */
export async function queueGeneration<T>(generate: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  await waitForTurn(signal);
  try {
    return await generate();
  } finally {
    running--;
    waiting.shift()?.();
  }
}

function waitForTurn(signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  if (running < MAX_CONCURRENT_GENERATIONS) {
    running++;
    return Promise.resolve();
  }
  return new Promise((resolve, reject) => {
    const start = (): void => {
      running++;
      signal?.removeEventListener('abort', leave);
      resolve();
    };
    const leave = (): void => {
      waiting.splice(waiting.indexOf(start), 1);
      reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
    };
    waiting.push(start);
    signal?.addEventListener('abort', leave, { once: true });
  });
}
