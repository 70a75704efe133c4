/** A worker as the supervisor sees it. */
import type { Worker } from 'node:cluster';
import type { Readable } from 'node:stream';
import { guardHandoffs } from './guard-handoffs.ts';
import type { ToSupervisor, ToWorker } from './messages.ts';
import { readLines } from './read-lines.ts';

/** File descriptor of a worker for its audit lines; its log goes to stdout. */
export const AUDIT_FD = 4;

/** Starts a process that runs `worker.ts`, with stdout, {@link AUDIT_FD} and the IPC channel connected to this one. */
export type ForkWorker = (number: number) => Worker;

export interface WorkerEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Bytes of lines that the worker did not finish; they are in no output. */
  readonly lostBytes: number;
}

export interface WorkerProcess {
  readonly number: number;
  readonly pid: number;
  /** Resolves when the process has ended and all that it wrote is read. */
  readonly ended: Promise<WorkerEnd>;
  send(message: ToWorker): void;
  kill(): void;
}

interface Uses {
  onMessage(message: ToSupervisor, worker: WorkerProcess): void;
  onLog(lines: string): void;
  onAudit(lines: string): void;
  /** Whether another worker can take connections. */
  hasOthers(worker: WorkerProcess): boolean;
}

export function startWorkerProcess(number: number, fork: ForkWorker, uses: Uses): WorkerProcess {
  const worker = fork(number);
  const { process: child } = worker;
  // Sending to a worker that has just died fails; its end is what counts.
  worker.on('error', () => undefined);
  const log = readLines(child.stdout as Readable, uses.onLog);
  const audit = readLines(child.stdio[AUDIT_FD] as Readable, uses.onAudit);
  const exit = new Promise<Omit<WorkerEnd, 'lostBytes'>>((resolve) => {
    worker.once('exit', (code: number | null, signal: NodeJS.Signals | null) => resolve({ code, signal }));
  });
  const self: WorkerProcess = {
    number,
    pid: child.pid ?? 0,
    ended: Promise.all([exit, log, audit]).then(([how, ...lost]) => ({ ...how, lostBytes: lost[0] + lost[1] })),
    send(message) {
      if (worker.isConnected()) worker.send(message, () => undefined);
    },
    kill: () => void child.kill('SIGKILL'),
  };
  guardHandoffs(child, () => uses.hasOthers(self));
  worker.on('message', (message: ToSupervisor) => uses.onMessage(message, self));
  return self;
}
