/** Reads request bodies: limited in size, within the memory budget, and only after the caller is authorised. */
import type { IncomingMessage } from 'node:http';
import { CredError } from '@credplex/core';
import { type BodyReservation, LARGE_BODY_BYTES } from './body-budget.ts';
import type { ServerBindings } from './http-env.ts';

/** The client disconnected before its body was complete, so no response can be sent. */
export class BodyAborted extends Error {
  override readonly name = 'BodyAborted';
}

/** Accepts the expectation also in a list. An HTTP/1.0 client would take `100 Continue` for the response (RFC 9110, 10.1.1). */
function expectsContinue({ headers, httpVersion }: IncomingMessage): boolean {
  return (
    httpVersion !== '1.0' && headers.expect !== undefined && /(?:^|,)\s*100-continue\s*(?:,|$)/i.test(headers.expect)
  );
}

function tooLarge() {
  return new CredError('request_body_too_large');
}

function tooSlow() {
  return new CredError(
    'unavailable',
    {},
    { cause: new Error('the body came too slowly while others waited for its room') },
  );
}

/** A body without Content-Length reserves memory in these steps. */
const RESERVATION_STEPS = [16 * 1024, LARGE_BODY_BYTES] as const;

/**
 * Reads the whole body, at most `limit` bytes; empty when there is none. A Content-Length above the limit fails before the first byte,
 * a chunked body at the first byte above it. A client that expects `100 Continue` gets it here (RFC 9110, 10.1.1). Memory is reserved
 * before it is used; the caller releases `reservation`.
 * @throws CredError `request_body_too_large`, `unavailable` when the reservation times out; {@link BodyAborted}
 */
export async function readBody(
  request: Request,
  bindings: ServerBindings,
  limit: number,
  reservation?: BodyReservation,
): Promise<Uint8Array> {
  const { incoming, outgoing } = bindings;
  if (incoming === undefined) {
    const bytes = new Uint8Array(await request.arrayBuffer());
    if (bytes.byteLength > limit) throw tooLarge();
    if (reservation?.tryGrow(bytes.byteLength) === false) await reservation.grow(bytes.byteLength);
    return bytes;
  }
  const announced = incoming.headers['content-length'];
  const length = announced === undefined ? undefined : Number(announced);
  if (length !== undefined && length > limit) throw tooLarge();
  if (length === 0 || (length === undefined && incoming.headers['transfer-encoding'] === undefined)) {
    return new Uint8Array();
  }
  const first = length ?? Math.min(RESERVATION_STEPS[0], limit);
  if (reservation?.tryGrow(first) === false) await waitForRoom(incoming, reservation, first);
  if (incoming.destroyed && !incoming.readableEnded) throw new BodyAborted();
  if (expectsContinue(incoming) && outgoing?.headersSent === false) outgoing.writeContinue();
  const bytes = await collectBody(incoming, { length, limit, reservation });
  reservation?.shrink(bytes.length);
  return bytes;
}

/** Waits for a reservation until the client disconnects. */
async function waitForRoom(incoming: IncomingMessage, reservation: BodyReservation, bytes: number): Promise<void> {
  const aborter = new AbortController();
  const onClose = (): void => aborter.abort(new BodyAborted());
  incoming.once('close', onClose);
  try {
    await reservation.grow(bytes, aborter.signal);
  } finally {
    incoming.off('close', onClose);
  }
}

interface Reading {
  readonly length: number | undefined;
  readonly limit: number;
  readonly reservation: BodyReservation | undefined;
}

function collectBody(incoming: IncomingMessage, { length, limit, reservation }: Reading): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const sink = length !== undefined && length > LARGE_BODY_BYTES ? fixedSink(length) : growingSink();
    let reserved = length ?? Math.min(RESERVATION_STEPS[0], limit);
    const unwatch = reservation?.watch({ received: () => sink.size(), giveUp: () => fail(tooSlow()) });
    const stop = () => {
      unwatch?.();
      incoming.off('data', onData);
      incoming.off('end', onEnd);
      incoming.off('error', onAbort);
      incoming.off('close', onAbort);
    };
    const fail = (error: unknown) => {
      stop();
      incoming.pause();
      reject(error);
    };
    const onData = (chunk: Buffer) => {
      sink.add(chunk);
      if (sink.size() > limit) return fail(tooLarge());
      if (sink.size() <= reserved) return;
      reserved = Math.min(limit, RESERVATION_STEPS.find((step) => step >= sink.size()) ?? limit);
      if (reservation === undefined || reservation.tryGrow(reserved)) return;
      incoming.pause();
      waitForRoom(incoming, reservation, reserved).then(() => incoming.resume(), fail);
    };
    const onEnd = () => {
      stop();
      resolve(sink.bytes());
    };
    const onAbort = () => {
      stop();
      reject(new BodyAborted());
    };
    if (incoming.destroyed && !incoming.readableEnded) return onAbort();
    incoming.on('data', onData);
    incoming.on('end', onEnd);
    incoming.on('error', onAbort);
    incoming.on('close', onAbort);
  });
}

interface Sink {
  add(chunk: Buffer): void;
  size(): number;
  /** Returns the bytes; large ones have their own ArrayBuffer, so that it can be transferred to another thread. */
  bytes(): Uint8Array;
}

/** Allocates the announced length at once. Its pages become resident only when they are written. */
function fixedSink(length: number): Sink {
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
  let size = 0;
  return {
    add(chunk) {
      bytes.set(chunk, size);
      size += chunk.length;
    },
    size: () => size,
    bytes: () => bytes.subarray(0, size),
  };
}

function growingSink(): Sink {
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    add(chunk) {
      chunks.push(chunk);
      size += chunk.length;
    },
    size: () => size,
    bytes() {
      const [only] = chunks;
      if (chunks.length === 1 && only !== undefined && size <= LARGE_BODY_BYTES) return only;
      if (size <= LARGE_BODY_BYTES) return Buffer.concat(chunks, size);
      const whole = fixedSink(size);
      for (const chunk of chunks) whole.add(chunk);
      return whole.bytes();
    },
  };
}

/** Returns whether a part of the body has not arrived yet. */
export function isBodyIncomplete({ incoming }: Pick<ServerBindings, 'incoming'>): boolean {
  return incoming !== undefined && !incoming.complete;
}

/** Returns whether the body is unread, so that the connection cannot be reused. */
export function hasUnreadBody({ incoming }: Pick<ServerBindings, 'incoming'>): boolean {
  if (incoming === undefined || incoming.readableEnded) return false;
  const announced = incoming.headers['content-length'];
  return incoming.headers['transfer-encoding'] !== undefined || (announced !== undefined && Number(announced) > 0);
}
