/** Sends requests with large bodies to worker threads. */
import type { RouteSpec, TextReply } from '@credplex/contract';
import { countNodes, type JsonLimits } from '@credplex/core';
import { AuthRefused } from '../../auth/refusal.ts';
import { LARGE_BODY_BYTES } from '../../body-budget.ts';
import { domainSettings, readAuditOf } from '../../domain.ts';
import type { LargeRequest } from '../../mount.ts';
import type { Runtime } from '../../runtime.ts';
import type { CredhubContext } from '../context.ts';
import { createThreadPool, JobFailed, NoThread, type ThreadPool } from './pool.ts';
import { createPorts } from './ports.ts';
import type { Job } from './protocol.ts';
import type { ThreadSettings } from './worker.ts';

/** A body with more values may take milliseconds: each may be a name to check or a permission to store. */
const MANY_NODES = 1_000;
/** Shorter bodies cannot contain that many values. */
const MIN_LARGE_BYTES = 2 * MANY_NODES;

export interface LargeRequests {
  /** Handles a large request in a worker thread; `undefined` when the main thread must handle it. */
  handle(spec: RouteSpec, request: LargeRequest<CredhubContext>): Promise<TextReply | undefined> | undefined;
}

/** Routes that depend on the state of the main thread; their bodies are small. */
const MAIN_THREAD_ROUTES: ReadonlySet<string> = new Set(['setManagement']);

function isLarge(bytes: Uint8Array): boolean {
  return (
    bytes.length > LARGE_BODY_BYTES || (bytes.length >= MIN_LARGE_BYTES && countNodes(bytes, MANY_NODES) > MANY_NODES)
  );
}

function settingsOf({ config, storage }: Pick<Runtime, 'config' | 'storage'>, limits: JsonLimits): ThreadSettings {
  const { vault } = storage;
  return {
    domain: domainSettings(config),
    vault: { remote: vault.remote, activeKeyId: vault.activeKeyId(), knownKeyIds: vault.knownKeyIds() },
    limits,
    maxBytes: config.limits.body,
  };
}

/** Creates the dispatcher. The thread pool starts with the first large request. */
export function createLargeRequests(runtime: Pick<Runtime, 'config' | 'storage'>, limits: JsonLimits): LargeRequests {
  const { config, storage } = runtime;
  let pool: ThreadPool | undefined;
  const start = (): ThreadPool =>
    createThreadPool(settingsOf(runtime, limits), createPorts(storage, readAuditOf(config, storage)));

  async function run(spec: RouteSpec, request: LargeRequest<CredhubContext>): Promise<TextReply | undefined> {
    const { context, ...rest } = request;
    const { actor, requestId } = callerOf(context);
    const size = request.bytes.length;
    const job: Job = {
      ...rest,
      size,
      routeId: spec.id,
      optional: spec.bodyOptional === true,
      reading: spec.bodyReading,
      actor,
      requestId,
    };
    try {
      pool ??= start();
      const { status, headers, pieces, trace } = await pool.run(job);
      Object.assign(context.trace, trace);
      return { status, json: pieces === null ? null : iterate(pieces), ...(headers && { headers }) };
    } catch (error) {
      // The main thread handles the request, which slows down others.
      if (error instanceof NoThread) return undefined;
      if (!(error instanceof JobFailed)) throw error;
      Object.assign(context.trace, error.trace);
      throw error.cause;
    }
  }

  return {
    handle: (spec, request) =>
      !MAIN_THREAD_ROUTES.has(spec.id) && isLarge(request.bytes) ? run(spec, request) : undefined,
  };
}

function callerOf(context: CredhubContext): { actor: string | undefined; requestId: string } {
  try {
    return context.caller();
  } catch (error) {
    if (error instanceof AuthRefused) return { actor: undefined, requestId: '' };
    throw error;
  }
}

async function* iterate(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}
