/** Reading request bodies: with a ceiling, within the budget of all bodies, and not a byte before the caller was let in. */
import type { IncomingMessage } from 'node:http';
import { CredError } from '@credplex/core';
import { type BodyReservation, LARGE_BODY_BYTES } from './body-budget.ts';
import type { ServerBindings } from './http-env.ts';

/** The client went away, or was too slow, before its body was complete. There is nobody left to answer. */
export class BodyAborted extends Error {
  override readonly name = 'BodyAborted';
}

/** Among other expectations as well, but not from HTTP/1.0, which would take it for the answer (RFC 9110, 10.1.1). */
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

/** What a body without Content-Length may hold before more is reserved for it. */
const RESERVATION_STEPS = [16 * 1024, LARGE_BODY_BYTES] as const;

/**
 * The whole body, at most `limit` bytes; empty when there is none. Content-Length decides before the first byte, a chunked
 * body at the first byte too many. A client that waits for `100 Continue` gets it here and not before (RFC 9110, 10.1.1).
 * What is read is reserved before, as far as `reservation` is given; releasing it is up to the caller.
 * @throws CredError `request_body_too_large`, `unavailable` where there was no room in time; {@link BodyAborted}
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

/** Stops waiting when the client goes away. */
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
  /** In an ArrayBuffer of their own where they are many, so that it can be given to another thread. */
  bytes(): Uint8Array;
}

/** Pages are not resident before they are written to: an announcement alone takes no memory. */
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

/** Whether a part of the body has not arrived yet. */
export function isBodyIncomplete({ incoming }: Pick<ServerBindings, 'incoming'>): boolean {
  return incoming !== undefined && !incoming.complete;
}

/** Whether body bytes are still to come that nobody will read: the connection cannot be used again. */
export function hasUnreadBody({ incoming }: Pick<ServerBindings, 'incoming'>): boolean {
  if (incoming === undefined || incoming.readableEnded) return false;
  const announced = incoming.headers['content-length'];
  return incoming.headers['transfer-encoding'] !== undefined || (announced !== undefined && Number(announced) > 0);
}
