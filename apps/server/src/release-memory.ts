import module from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** The first runs of the background jobs, which load code as well, are over by then. */
const FIRST_JOBS_MS = 5_000;
/** A server that answers requests is not held up by a second collection. */
const IDLE_UTILIZATION = 0.3;

/**
 * Frees the garbage of loading, a tenth of an idle server's memory, and once more that of the first background jobs. Only a
 * last-resort collection also shrinks the young generation, which has grown to its limit during the start (16 MiB).
 */
export function releaseMemoryAfterStart(): void {
  releaseMemory();
  const atStart = performance.eventLoopUtilization();
  const again = (): void => {
    if (performance.eventLoopUtilization(atStart).utilization < IDLE_UTILIZATION) releaseMemory();
  };
  setTimeout(again, FIRST_JOBS_MS).unref();
}

function releaseMemory(): void {
  module.flushCompileCache?.();
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
