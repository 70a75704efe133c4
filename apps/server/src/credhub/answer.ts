/** Responses of CredHub's API: its headers, its JSON texts, its errors. */
import type { ServerResponse } from 'node:http';
import type { RouteSpec, TextReply } from '@credplex/contract';
import { CredError, type Level } from '@credplex/core';
import { AuthRefused, refusalAnswer } from '../auth/refusal.ts';
import { BodyAborted } from '../body.ts';
import type { Logger } from '../logger.ts';
import { credhubError } from './errors.ts';

type Headers = Readonly<Record<string, string>>;

/**
 * Headers of every answer (docs/reference/credhub-server.md#http), with the level (docs/reference/divergences.md#http).
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

/** Answers up to this many characters go out in one piece, with a length; longer ones are streamed. */
const MAX_UNSTREAMED_CHARS = 256 * 1024;
/** What is encrypted and written in one go. */
const SLICE_BYTES = 128 * 1024;
/** A client that takes no further piece of a long answer for this long is gone. */
const STALL_TIMEOUT_MS = 60_000;

type Piece = string | Uint8Array;
type Pieces = AsyncIterator<Piece, unknown>;

const encoder = new TextEncoder();

/** The first pieces, up to the length of one: what fails in them is still answered as an error. */
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

/** Each piece is made when the client has taken those before. A client that takes nothing for long loses its connection. */
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
  /** `outgoing`: where the answer goes, so that one which nobody takes can be ended. */
  reply(spec: RouteSpec, reply: TextReply, outgoing?: ServerResponse): Response | Promise<Response>;
  refuse(error: AuthRefused): Response;
  /** For OPTIONS. */
  allow(methods: string): Response;
  error(error: unknown, request: { id: string; path: string; routeId: string | undefined }): Response;
}

/** Throws when an answer is not what the contract says of it. */
export type CheckAnswer = (spec: RouteSpec, status: number, json: string | null) => void;

export function createAnswers(deps: {
  level: Level;
  publicUrl: string;
  logger: Logger;
  /** For tests only: parsing every answer costs more than making it. */
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
      // With its length Node writes the headers as they stand here, and checks none twice.
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
      // Until an administrator acts, a retry meets the same refusal.
      const retryable = status === 503 && !(error instanceof CredError && error.code === 'vault_refused');
      if (status >= 500 && !announced) {
        logger[retryable ? 'warn' : 'error']({ request_id: id, path, err: error }, 'request failed');
      }
      const headers = { ...(text === '' ? plain : json), ...(retryable ? { 'Retry-After': '1' } : {}) };
      return new Response(text === '' ? null : JSON.stringify({ error: text }), { status, headers });
    },
  };
}
