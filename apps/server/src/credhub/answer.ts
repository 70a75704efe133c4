/** Builds the responses of CredHub's API: headers, JSON texts and errors. */
import type { ServerResponse } from 'node:http';
import type { RouteSpec, TextReply } from '@credplex/contract';
import { CredError, type Level } from '@credplex/core';
import { AuthRefused, refusalAnswer } from '../auth/refusal.ts';
import { BodyAborted } from '../body.ts';
import type { Logger } from '../logger.ts';
import { credhubError } from './errors.ts';

type Headers = Readonly<Record<string, string>>;

/**
 * Returns the headers of every response (docs/reference/credhub-server.md#http), with the level
 * (docs/reference/divergences.md#http).
 */
function fixedHeaders(level: Level): Headers {
  return {
    'X-Content-Type-Options': 'nosniff',
    'X-XSS-Protection': '0',
    'Cache-Control': 'no-cache, no-store, max-age=0, must-revalidate',
    Pragma: 'no-cache',
    Expires: '0',
    'Strict-Transport-Security': 'max-age=31536000 ; includeSubDomains',
    'X-Frame-Options': 'DENY',
    'X-Credplex-Level': String(level.number),
  };
}

const JSON_TYPE = { 'Content-Type': 'application/json' };

/** Responses up to this length are sent with a Content-Length; longer ones are streamed. */
const MAX_UNSTREAMED_CHARS = 256 * 1024;
/** Maximum size of a chunk, which is encrypted and written at once. */
const SLICE_BYTES = 128 * 1024;
/** A streamed response is aborted when the client reads nothing for this long. */
const STALL_TIMEOUT_MS = 60_000;

type Piece = string | Uint8Array;
type Pieces = AsyncIterator<Piece, unknown>;

const encoder = new TextEncoder();

/** Collects the first pieces before the headers are sent, so that an error in them still gets an error response. */
async function collectFirst(pieces: Pieces): Promise<{ first: readonly Piece[]; done: boolean }> {
  const first: Piece[] = [];
  for (let length = 0; length < MAX_UNSTREAMED_CHARS; ) {
    const next = await pieces.next();
    if (next.done === true) return { first, done: true };
    first.push(next.value);
    length += next.value.length;
  }
  return { first, done: false };
}

function joinPieces(pieces: readonly Piece[]): Piece {
  return pieces.every((piece) => typeof piece === 'string')
    ? pieces.join('')
    : Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? encoder.encode(piece) : piece)));
}

/** Streams the pieces. Each is produced once the client has read the ones before; a stalled client is disconnected. */
function streamOf(
  first: readonly Piece[],
  pieces: Pieces,
  outgoing: ServerResponse | undefined,
): ReadableStream<Uint8Array> {
  const waiting = [...first];
  let timer: NodeJS.Timeout | undefined;
  const end = async () => {
    clearTimeout(timer);
    await pieces.return?.();
  };
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      clearTimeout(timer);
      const piece = waiting.shift() ?? (await nextPiece(pieces));
      if (piece === undefined) return controller.close();
      const bytes = typeof piece === 'string' ? encoder.encode(piece) : piece;
      if (bytes.length > SLICE_BYTES) waiting.unshift(bytes.subarray(SLICE_BYTES));
      controller.enqueue(bytes.subarray(0, SLICE_BYTES));
      // Destroying the connection cancels this stream.
      timer = setTimeout(() => outgoing?.destroy(), STALL_TIMEOUT_MS);
      timer.unref();
    },
    cancel: end,
  });
}

async function nextPiece(pieces: Pieces): Promise<Piece | undefined> {
  const next = await pieces.next();
  return next.done === true ? undefined : next.value;
}

export interface Answers {
  /** `outgoing`: the connection, to end it when the client stalls. */
  reply(spec: RouteSpec, reply: TextReply, outgoing?: ServerResponse): Response | Promise<Response>;
  refuse(error: AuthRefused): Response;
  /** Returns the response to OPTIONS. */
  allow(methods: string): Response;
  error(error: unknown, request: { id: string; path: string; routeId: string | undefined }): Response;
}

/** Throws when a response does not match the contract. */
export type CheckAnswer = (spec: RouteSpec, status: number, json: string | null) => void;

export function createAnswers(deps: {
  level: Level;
  publicUrl: string;
  logger: Logger;
  /** For tests only, because parsing a response costs more than producing it. */
  check?: CheckAnswer | undefined;
}): Answers {
  const { level, logger } = deps;
  const plain = fixedHeaders(level);
  const json: Headers = { ...plain, ...JSON_TYPE };

  const streamed = async (
    spec: RouteSpec,
    { status, headers, source }: { status: number; headers: Headers; source: AsyncIterable<Piece> },
    outgoing: ServerResponse | undefined,
  ): Promise<Response> => {
    const pieces = source[Symbol.asyncIterator]();
    const { first, done } = await collectFirst(pieces);
    if (!done) return new Response(streamOf(first, pieces, outgoing), { status, headers });
    const whole = joinPieces(first);
    deps.check?.(spec, status, typeof whole === 'string' ? whole : Buffer.from(whole).toString());
    return new Response(whole as string | Uint8Array<ArrayBuffer>, { status, headers });
  };

  return {
    reply(spec, { status, json: body, headers: more }, outgoing) {
      const base = body === null ? plain : json;
      if (body !== null && typeof body !== 'string') {
        return streamed(spec, { status, headers: { ...base, ...more }, source: body }, outgoing);
      }
      deps.check?.(spec, status, body);
      // With a Content-Length, Node writes the headers without further checks.
      const length = body === null ? undefined : { 'Content-Length': String(Buffer.byteLength(body)) };
      return new Response(body, { status, headers: { ...base, ...more, ...length } });
    },

    refuse({ refusal }) {
      const { status, body, contentType, challenge, closes } = refusalAnswer(refusal, deps.publicUrl);
      return new Response(body === null ? null : JSON.stringify(body), {
        status,
        headers: {
          ...plain,
          ...(contentType === undefined ? {} : { 'Content-Type': contentType }),
          ...(challenge === undefined ? {} : { 'WWW-Authenticate': challenge }),
          ...(closes === true ? { Connection: 'close' } : {}),
        },
      });
    },

    allow: (methods) => new Response(null, { status: 200, headers: { ...plain, Allow: methods } }),

    error(error, { id, path, routeId }) {
      if (error instanceof AuthRefused) return this.refuse(error);
      if (error instanceof BodyAborted) return new Response(null, { status: 400, headers: plain });
      const { status, text } = credhubError(error, level, routeId);
      const announced = error instanceof CredError && error.code === 'read_only_mode';
      // A retry is useless until an administrator acts.
      const retryable = status === 503 && !(error instanceof CredError && error.code === 'vault_refused');
      if (status >= 500 && !announced) {
        logger[retryable ? 'warn' : 'error']({ request_id: id, path, err: error }, 'request failed');
      }
      const headers = { ...(text === '' ? plain : json), ...(retryable ? { 'Retry-After': '1' } : {}) };
      return new Response(text === '' ? null : JSON.stringify({ error: text }), { status, headers });
    },
  };
}
