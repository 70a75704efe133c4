/** Worker thread of `pool.ts`: handles requests with large bodies with the same handlers as the main thread. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import type { TextReply } from '@credplex/contract';
import type { CredentialRecords, Intents, JsonLimits, JsonNode, PermissionRecords, ReadAudit } from '@credplex/core';
import { AuthRefused } from '../../auth/refusal.ts';
import type { BodyReservation } from '../../body-budget.ts';
import { createDomain, type DomainSettings } from '../../domain.ts';
import { bulkHandlers } from '../bulk.ts';
import { certificateHandlers } from '../certificates.ts';
import { parseLargeBody } from '../content.ts';
import type { CredhubContext, Trace } from '../context.ts';
import { dataHandlers } from '../data.ts';
import { permissionHandlers } from '../permissions.ts';
import { type FromThread, type Job, type JobResult, largeBuffers, type ToThread, toWireError } from './protocol.ts';
import { createRemote, createRemoteVault, type VaultInfo } from './remote.ts';

export interface ThreadSettings {
  readonly domain: DomainSettings;
  readonly vault: VaultInfo;
  readonly limits: JsonLimits;
  /** Maximum size of an interpolate response in bytes. */
  readonly maxBytes: number;
}

type Handler = (input: {
  params: unknown;
  query: unknown;
  body: JsonNode | undefined;
  context: CredhubContext;
}) => Promise<TextReply>;

/** No reservation is needed, because the number of threads bounds their memory. */
const NO_RESERVATION: BodyReservation = {
  tryGrow: () => true,
  grow: async () => undefined,
  shrink: () => undefined,
  release: () => undefined,
  watch: () => () => undefined,
  bytes: 0,
};

/**
 * Returns a function that runs the garbage collector, for use after each job: an idle thread would otherwise keep the garbage of a
 * large body until the next one. Workers cannot have V8 flags of their own, so `gc` is taken from a new context.
 */
function createCollector(): () => void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  return typeof collect === 'function' ? () => void collect() : () => undefined;
}

const encoder = new TextEncoder();

async function piecesOf(json: TextReply['json']): Promise<Uint8Array[] | null> {
  if (json === null) return null;
  if (typeof json === 'string') return [encoder.encode(json)];
  const pieces: Uint8Array[] = [];
  for await (const piece of json) pieces.push(typeof piece === 'string' ? encoder.encode(piece) : piece);
  return pieces;
}

function start(parent: NonNullable<typeof parentPort>, settings: ThreadSettings): void {
  const collectGarbage = createCollector();
  const remote = createRemote(parent);
  const domain = createDomain(settings.domain, {
    records: remote.port<CredentialRecords>('records'),
    permissions: remote.port<PermissionRecords>('permissions'),
    intents: remote.port<Intents>('intents'),
    readAudit: remote.port<ReadAudit>('readAudit'),
    vault: createRemoteVault(remote, settings.vault),
  });
  const handlers = {
    ...dataHandlers(domain),
    ...bulkHandlers({ credentials: domain.credentials, maxBytes: settings.maxBytes }),
    ...certificateHandlers(domain),
    ...permissionHandlers(domain),
  } as unknown as Readonly<Record<string, Handler>>;

  async function run(job: Job, trace: Trace): Promise<JobResult> {
    const { routeId, params, query, bytes, contentType, optional, reading, actor, requestId } = job;
    const body = parseLargeBody(bytes, contentType, { optional, limits: settings.limits, reading });
    const handler = handlers[routeId];
    if (handler === undefined) throw new TypeError(`no handler for ${routeId}`);
    const context: CredhubContext = {
      trace,
      local: () => false,
      caller() {
        if (actor === undefined) throw new AuthRefused({ kind: 'invalid_identity' });
        return { actor, requestId };
      },
      openReservation: () => NO_RESERVATION,
    };
    const { status, headers, json } = await handler({ params, query, body, context });
    return { status, headers, pieces: await piecesOf(json), trace };
  }

  const post = (message: FromThread): void => parent.postMessage(message, largeBuffers(message));
  parent.on('message', (message: ToThread) => {
    if (message.kind !== 'job') {
      remote.receive(message);
      return;
    }
    const trace: Trace = { action: null, resources: [], details: null };
    run(message.job, trace)
      .then(
        (result) => post({ kind: 'done', result }),
        (error) => post({ kind: 'failed', error: toWireError(error), trace }),
      )
      .finally(collectGarbage);
  });
  post({ kind: 'ready' });
}

if (parentPort !== null) start(parentPort, workerData as ThreadSettings);
