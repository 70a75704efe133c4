/**
 * Runs {@link sha512Crypt} in worker threads: at most two, started on demand, terminated after ten idle seconds. An
 * idle thread does not keep the process alive.
 */

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { sha512Crypt } from './sha512-crypt.ts';

interface Job {
  readonly password: string;
  readonly salt: string;
  resolve(hash: string): void;
  reject(error: Error): void;
}

const MAX_THREADS = Math.max(1, Math.min(2, availableParallelism()));
const IDLE_MS = 10_000;

const waiting: Job[] = [];
const idle: Thread[] = [];
let threads = 0;

interface Thread {
  readonly worker: Worker;
  job: Job | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** Returns the SHA-512 crypt hash of a password (`$6$salt$…`). */
export function cryptPassword(password: string, salt: string): Promise<string> {
  return new Promise((resolve, reject) => {
    waiting.push({ password, salt, resolve, reject });
    const thread = idle.pop() ?? (threads < MAX_THREADS ? startThread() : undefined);
    if (thread) runNextJob(thread);
  });
}

function startThread(): Thread {
  threads++;
  // The worker file is beside this one, both in the sources and in the compiled package.
  const file = import.meta.url.endsWith('.ts') ? './crypt-worker.ts' : './crypt-worker.js';
  const worker = new Worker(new URL(file, import.meta.url));
  const thread: Thread = { worker, job: undefined, timer: undefined };
  worker.on('message', (hash: string) => {
    thread.job?.resolve(hash);
    runNextJob(thread);
  });
  worker.on('error', (error: Error) => {
    // The thread cannot start, for example because a bundler left its file out. Hash on the event loop instead.
    const { job } = thread;
    thread.job = undefined;
    try {
      job?.resolve(sha512Crypt(job.password, job.salt));
    } catch {
      job?.reject(error);
    }
  });
  worker.on('exit', () => {
    threads--;
    removeFromIdle(thread);
    thread.job?.reject(new Error('the hashing thread ended'));
    if (waiting.length > 0 && threads < MAX_THREADS) runNextJob(startThread());
  });
  return thread;
}

function runNextJob(thread: Thread): void {
  clearTimeout(thread.timer);
  thread.job = waiting.shift();
  if (thread.job) {
    thread.worker.ref();
    thread.worker.postMessage({ password: thread.job.password, salt: thread.job.salt });
    return;
  }
  thread.worker.unref();
  idle.push(thread);
  thread.timer = setTimeout(() => {
    // Removed before termination, so that no job is assigned to a terminating thread.
    removeFromIdle(thread);
    void thread.worker.terminate();
  }, IDLE_MS).unref();
}

function removeFromIdle(thread: Thread): void {
  const at = idle.indexOf(thread);
  if (at >= 0) idle.splice(at, 1);
}
