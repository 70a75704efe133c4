/**
 * A server with several workers, as its supervisor runs it: workers serve, this process starts and replaces them, and alone
 * writes stdout and `audit.file` (docs/operate/operations.md#workers).
 */
import { createBackoff } from '@credplex/storage/backoff';
import type { Config } from '../config.ts';
import { WAITING_LOGINS } from '../coordination.ts';
import { decideAddresses } from '../start/addresses.ts';
import { openDataFolder } from '../start/data-folder.ts';
import { checkAccess } from '../start/file-access.ts';
import type { Serving } from '../start/serve.ts';
import { StartError } from '../start/start-error.ts';
import { type Broadcast, createBroadcast } from './broadcast.ts';
import { encodeConfig, type ToSupervisor } from './messages.ts';
import { type Output, openOutput } from './output.ts';
import { configOfWorker, type WorkerPlan } from './plan.ts';
import { removeWorkersState, writeWorkersState } from './state-file.ts';
import { createTurns, type Turns } from './turns.ts';
import { type ForkWorker, startWorkerProcess, type WorkerEnd, type WorkerProcess } from './worker-process.ts';

/** Longer than a worker takes for open requests, jobs and waiting audit rows. */
const STOP_TIMEOUT_MS = 30_000;
/** A worker that dies at once again and again is replaced more and more slowly. */
const BACK_OFF = { firstMs: 100, maxMs: 10_000, resetAfterMs: 30_000 };

export interface SuperviseOptions {
  readonly plan: WorkerPlan;
  readonly fork: ForkWorker;
  /** Where the greeting goes. */
  readonly out: (text: string) => void;
  readonly stop: AbortSignal;
}

/** @throws StartError, ConfigError; the reason of `stop` when that is aborted during the start */
export async function supervise(given: Config, options: SuperviseOptions): Promise<Serving> {
  const folder = openDataFolder(given.data_dir);
  checkAccess(given, folder);
  const config = await decideAddresses(given);
  const output = openOutput(config);
  const pool = new WorkerPool(config, options, output, folder);
  try {
    const { url, greeting } = await pool.start();
    options.out(greeting);
    return { url, close: () => pool.close() };
  } catch (error) {
    await pool.close();
    throw error;
  }
}

interface Ready {
  readonly url: string;
  readonly greeting: string;
}

/** A place of a worker, with the process that has it now. */
interface Slot {
  readonly number: number;
  readonly nextDelayMs: () => number;
  worker: WorkerProcess | undefined;
  isReady: boolean;
  timer: NodeJS.Timeout | undefined;
}

class WorkerPool {
  readonly #slots: readonly Slot[];
  readonly #starting = new Map<WorkerProcess, PromiseWithResolvers<Ready>>();
  readonly #broadcast: Broadcast<WorkerProcess>;
  readonly #turns: Turns<WorkerProcess>;
  readonly #config: Config;
  readonly #options: SuperviseOptions;
  readonly #output: Output;
  readonly #folder: string;
  #readOnly = false;
  #isClosing = false;
  #closed: Promise<void> | undefined;

  constructor(config: Config, options: SuperviseOptions, output: Output, folder: string) {
    this.#config = config;
    this.#options = options;
    this.#output = output;
    this.#folder = folder;
    this.#slots = Array.from({ length: options.plan.workers }, (_, index) => ({
      number: index + 1,
      nextDelayMs: createBackoff(BACK_OFF),
      worker: undefined,
      isReady: false,
      timer: undefined,
    }));
    this.#broadcast = createBroadcast(() => this.#workers());
    this.#turns = createTurns(WAITING_LOGINS, (worker, id, granted) => worker.send({ kind: 'turn', id, granted }));
  }

  /** Starts the first worker, which prepares database and data folder, then the others. */
  async start(): Promise<Ready> {
    const { stop } = this.#options;
    stop.addEventListener('abort', () => void this.close(), { once: true });
    const [first, ...others] = this.#slots;
    try {
      stop.throwIfAborted();
      const ready = await this.#startWorker(first as Slot);
      stop.throwIfAborted();
      await Promise.all(others.map((slot) => this.#startWorker(slot)));
      return ready;
    } catch (error) {
      throw stop.aborted ? stop.reason : error;
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#isClosing = true;
    if (this.#slots.some(({ isReady }) => isReady)) this.#output.logger.info('stopping');
    for (const { timer } of this.#slots) clearTimeout(timer);
    const workers = this.#workers();
    for (const worker of workers) worker.send({ kind: 'stop' });
    const late = setTimeout(() => {
      for (const worker of this.#workers()) worker.kill();
    }, STOP_TIMEOUT_MS);
    await Promise.all(workers.map(({ ended }) => ended));
    clearTimeout(late);
    removeWorkersState(this.#folder);
    await this.#output.end();
  }

  #workers(): WorkerProcess[] {
    return this.#slots.flatMap(({ worker }) => worker ?? []);
  }

  #startWorker(slot: Slot): Promise<Ready> {
    const worker = startWorkerProcess(slot.number, this.#options.fork, {
      onMessage: (message, from) => this.#receive(message, from),
      onLog: this.#output.writeLog,
      onAudit: this.#output.writeAudit,
      hasOthers: (from) => this.#slots.some((other) => other.isReady && other.worker !== from),
    });
    slot.worker = worker;
    const starting = Promise.withResolvers<Ready>();
    this.#starting.set(worker, starting);
    void worker.ended.then((end) => this.#workerEnded(slot, worker, end));
    const config = encodeConfig(configOfWorker(this.#config, this.#options.plan, slot.number));
    worker.send({ kind: 'start', number: slot.number, config, readOnly: this.#readOnly });
    return starting.promise;
  }

  #receive(message: ToSupervisor, from: WorkerProcess): void {
    switch (message.kind) {
      case 'ready':
        this.#workerReady(from, message);
        break;
      case 'failed':
        this.#starting.get(from)?.reject(new StartError(message.text));
        this.#starting.delete(from);
        break;
      case 'publish':
        if (message.event.topic === 'read_only') this.#readOnly = message.event.value;
        this.#broadcast.publish(from, message.id, message.event);
        break;
      case 'applied':
        this.#broadcast.applied(from, message.id);
        break;
      case 'turn':
        this.#turns.request(from, message.id, message.key);
        break;
      case 'turn_end':
        this.#turns.end(from, message.id);
    }
  }

  #workerReady(worker: WorkerProcess, ready: Ready): void {
    for (const slot of this.#slots) if (slot.worker === worker) slot.isReady = true;
    this.#starting.get(worker)?.resolve(ready);
    this.#starting.delete(worker);
    this.#noteState();
  }

  #workerEnded(slot: Slot, worker: WorkerProcess, { code, signal, lostBytes }: WorkerEnd): void {
    slot.worker = undefined;
    const wasReady = slot.isReady;
    slot.isReady = false;
    this.#broadcast.drop(worker);
    this.#turns.drop(worker);
    const how = signal ?? `status ${code}`;
    this.#starting.get(worker)?.reject(new StartError(`worker ${slot.number} ended while it started (${how})`));
    this.#starting.delete(worker);
    if (this.#isClosing) return;
    const logger = this.#output.loggerOf(slot.number);
    const about = { pid: worker.pid, code, signal, ...(lostBytes > 0 ? { lost_bytes: lostBytes } : {}) };
    if (wasReady) logger.warn(about, 'a worker ended and is replaced');
    this.#replace(slot);
  }

  #replace(slot: Slot): void {
    slot.timer = setTimeout(() => {
      const logger = this.#output.loggerOf(slot.number);
      this.#startWorker(slot).then(
        () => logger.info({ pid: slot.worker?.pid }, 'a worker is replaced'),
        (error: unknown) => {
          if (!this.#isClosing) logger.error({ err: error }, 'a worker could not be replaced and is tried again');
        },
      );
    }, slot.nextDelayMs());
  }

  #noteState(): void {
    const workers = this.#workers().map(({ number, pid }) => ({ worker: number, pid }));
    try {
      writeWorkersState(this.#folder, { supervisor: process.pid, workers });
    } catch (error) {
      // Only `credplex doctor` reads it.
      this.#output.logger.warn({ err: error }, 'the list of workers could not be written');
    }
  }
}
