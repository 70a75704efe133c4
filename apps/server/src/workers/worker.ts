/** A worker process: it serves requests with what its supervisor gives it, and stops when that says so. */
import type { Config } from '../config.ts';
import { createLogger, type Logger } from '../logger.ts';
import { releaseMemoryAfterStart } from '../release-memory.ts';
import { type Serving, serve } from '../start/serve.ts';
import { decodeConfig, type ToSupervisor, type ToWorker } from './messages.ts';
import { createWorkerCoordination } from './worker-coordination.ts';
import { AUDIT_FD } from './worker-process.ts';

/** The process's side of the IPC channel and of signals. */
export interface WorkerHost {
  send(message: ToSupervisor): void;
  onMessage(take: (message: ToWorker) => void): void;
  /** Called for a signal that asks this worker alone to stop. */
  onTerminate(stop: () => void): void;
  /** Returns what an operator is told of an error. */
  describeError(error: unknown): string;
  /** From now on the process ends when nothing is left to do. */
  detach(): void;
}

/** Resolves when the worker has stopped. */
export async function runWorker(host: WorkerHost): Promise<void> {
  const stopping = new AbortController();
  const started = Promise.withResolvers<ToWorker & { kind: 'start' }>();
  const coordination = createWorkerCoordination(host.send);
  host.onTerminate(() => stopping.abort());
  host.onMessage((message) => {
    if (message.kind === 'start') started.resolve(message);
    else if (message.kind === 'stop') stopping.abort();
    else coordination.receive(message);
  });
  const stopped = new Promise<void>((resolve) => {
    stopping.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const start = await Promise.race([started.promise, stopped]);
  if (start !== undefined) {
    const config = decodeConfig(start.config);
    const role = { isFirst: start.number === 1, coordination, readOnly: start.readOnly, auditTarget: AUDIT_FD };
    const serving = await serveAs(start.number, config, role, host, stopping.signal);
    if (serving !== undefined) {
      releaseMemoryAfterStart();
      await stopped;
      await serving.close();
    }
  }
  host.detach();
}

async function serveAs(
  number: number,
  config: Config,
  worker: NonNullable<Parameters<typeof serve>[1]['worker']>,
  host: WorkerHost,
  stop: AbortSignal,
): Promise<Serving | undefined> {
  const logger = createLogger(config.log.level).child({ worker: number }) as Logger;
  let greeting = '';
  try {
    const serving = await serve(config, { out: (text) => (greeting = text), logger, stop, worker });
    host.send({ kind: 'ready', url: serving.url, greeting });
    return serving;
  } catch (error) {
    if (!stop.aborted) host.send({ kind: 'failed', text: host.describeError(error) });
    return undefined;
  }
}
