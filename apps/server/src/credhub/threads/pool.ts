/**
 * Worker threads for requests with large bodies: at most two, each with one request at a time. They start on demand and end after
 * ten idle seconds.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { CredError } from '@credplex/core';
import type { Trace } from '../context.ts';
import {
  type Call,
  type FromThread,
  fromWireError,
  type Job,
  type JobResult,
  largeBuffers,
  type ToThread,
  toWireError,
} from './protocol.ts';

const MAX_THREADS = Math.max(1, Math.min(2, availableParallelism()));
const IDLE_MS = 10_000;
/** Maximum JavaScript heap of one thread, without buffers. */
const HEAP_MIB = 256;
const YOUNG_MIB = 8;
/** A body above this size takes several times its size in memory, so one is handled at a time. */
const HUGE_BYTES = 8 * 1024 * 1024;

/** No thread could be started, for example because a bundle lacks its file. The job has not started. */
export class NoThread extends Error {
  override readonly name = 'NoThread';
}

/** The error of a job, with its audit trace up to that point. */
export class JobFailed extends Error {
  override readonly name = 'JobFailed';
  readonly trace: Trace;
  constructor(cause: Error, trace: Trace) {
    super('a job failed', { cause });
    this.trace = trace;
  }
}

export interface ThreadPool {
  /** Runs a job; transfers `job.bytes` to the thread. @throws NoThread, {@link JobFailed} */
  run(job: Job): Promise<JobResult>;
}

interface Pending {
  readonly job: Job;
  resolve(result: JobResult): void;
  reject(error: Error): void;
}

interface Thread {
  readonly worker: Worker;
  ready: boolean;
  pending: Pending | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** Queues jobs in order. At most one huge job runs at a time; other jobs overtake a waiting huge one. */
function createJobQueue() {
  const waiting: Pending[] = [];
  let hugeIsRunning = false;
  const isHuge = ({ job }: Pending): boolean => job.size > HUGE_BYTES;
  const isAllowed = (pending: Pending): boolean => !(hugeIsRunning && isHuge(pending));
  return {
    /** Returns whether the job may start now. */
    add(pending: Pending): boolean {
      waiting.push(pending);
      return isAllowed(pending);
    },
    hasNext: (): boolean => waiting.some(isAllowed),
    take(): Pending | undefined {
      const at = waiting.findIndex(isAllowed);
      const [pending] = at < 0 ? [] : waiting.splice(at, 1);
      if (pending && isHuge(pending)) hugeIsRunning = true;
      return pending;
    },
    /** Records the end of a job. Returns whether it was a huge one, so that another may start. */
    release(pending: Pending): boolean {
      if (!isHuge(pending)) return false;
      hugeIsRunning = false;
      return true;
    },
  };
}

/** Executes a call of a thread and posts its result. */
async function handleCall(worker: Worker, call: Call, answer: (call: Call) => Promise<unknown>): Promise<void> {
  const post = (message: ToThread, buffers: ReturnType<typeof largeBuffers>): void =>
    worker.postMessage(message, buffers);
  try {
    const value = await answer(call);
    post({ kind: 'answer', id: call.id, value }, call.port === 'vault' ? largeBuffers(value) : []);
  } catch (error) {
    post({ kind: 'failure', id: call.id, error: toWireError(error) }, []);
  }
}

/** Creates the pool. `settings` must be plain data; `answer` executes calls of threads in the main thread. */
export function createThreadPool(settings: unknown, answer: (call: Call) => Promise<unknown>): ThreadPool {
  const queue = createJobQueue();
  const idle: Thread[] = [];
  let count = 0;

  /** Removes the current job of a thread and returns it. */
  function takePending(thread: Thread): Pending | undefined {
    const { pending } = thread;
    thread.pending = undefined;
    if (pending && queue.release(pending)) {
      const other = queue.hasNext() ? idle.pop() : undefined;
      if (other) assignNext(other);
    }
    return pending;
  }

  function start(): Thread {
    count += 1;
    // The worker is beside this file, both as source and compiled.
    const file = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';
    const worker = new Worker(new URL(file, import.meta.url), {
      workerData: settings,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB, maxYoungGenerationSizeMb: YOUNG_MIB },
      // The environment holds secrets, and only `main.ts` reads it.
      env: {},
    });
    const thread: Thread = { worker, ready: false, pending: undefined, timer: undefined };
    worker.on('message', (message: FromThread) => receive(thread, message));
    worker.on('error', (error: Error) => {
      takePending(thread)?.reject(
        thread.ready ? new CredError('unavailable', {}, { cause: error }) : new NoThread(error.message),
      );
    });
    worker.on('exit', () => {
      count -= 1;
      removeIdle(thread);
      takePending(thread)?.reject(new CredError('unavailable', {}, { cause: new Error('the thread ended') }));
      if (queue.hasNext() && count < MAX_THREADS) assignNext(start());
    });
    return thread;
  }

  function receive(thread: Thread, message: FromThread): void {
    switch (message.kind) {
      case 'ready':
        thread.ready = true;
        if (thread.pending) send(thread, thread.pending.job);
        break;
      case 'call':
        void handleCall(thread.worker, message.call, answer);
        break;
      case 'done':
        takePending(thread)?.resolve(message.result);
        assignNext(thread);
        break;
      case 'failed':
        takePending(thread)?.reject(new JobFailed(fromWireError(message.error), message.trace));
        assignNext(thread);
    }
  }

  const send = (thread: Thread, job: Job): void =>
    thread.worker.postMessage({ kind: 'job', job } satisfies ToThread, largeBuffers(job.bytes));

  function assignNext(thread: Thread): void {
    clearTimeout(thread.timer);
    thread.pending = queue.take();
    if (thread.pending) {
      thread.worker.ref();
      if (thread.ready) send(thread, thread.pending.job);
      return;
    }
    thread.worker.unref();
    idle.push(thread);
    thread.timer = setTimeout(() => {
      // Removed first, so that no job is assigned to a terminating thread.
      removeIdle(thread);
      void thread.worker.terminate();
    }, IDLE_MS).unref();
  }

  function removeIdle(thread: Thread): void {
    const at = idle.indexOf(thread);
    if (at >= 0) idle.splice(at, 1);
  }

  return {
    run: (job) =>
      new Promise((resolve, reject) => {
        const pending = { job, resolve, reject };
        if (!queue.add(pending)) return;
        const thread = idle.pop() ?? (count < MAX_THREADS ? start() : undefined);
        if (thread) assignNext(thread);
      }),
  };
}
