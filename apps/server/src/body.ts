/** Reading request bodies: with a ceiling, and not a byte before the caller was let in. */
import type { IncomingMessage } from 'node:http';
import { CredError } from '@credplex/core';
import type { ServerBindings } from './http-env.ts';

/** The client went away, or was too slow, before its body was complete. There is nobody left to answer. */
export class BodyAborted extends Error {
  override readonly name = 'BodyAborted';
}

/** Among other expectations as well, but not from HTTP/1.0, which would take it for the answer (RFC 9110, 10.1.1). */
const waits = ({ headers, httpVersion }: IncomingMessage): boolean =>
  httpVersion !== '1.0' && headers.expect !== undefined && /(?:^|,)\s*100-continue\s*(?:,|$)/i.test(headers.expect);

const tooLarge = () => new CredError('request_body_too_large');

/**
 * The whole body, at most `limit` bytes; empty when there is none. Content-Length decides before the first byte, a chunked
 * body at the first byte too many. A client that waits for `100 Continue` gets it here and not before (RFC 9110, 10.1.1).
 * @throws CredError `request_body_too_large`, {@link BodyAborted}
 */
export async function readBody(request: Request, bindings: ServerBindings, limit: number): Promise<Uint8Array> {
  const { incoming, outgoing } = bindings;
  if (incoming === undefined) {
    const bytes = new Uint8Array(await request.arrayBuffer());
    if (bytes.byteLength > limit) throw tooLarge();
    return bytes;
  }
  const announced = incoming.headers['content-length'];
  if (announced !== undefined && Number(announced) > limit) throw tooLarge();
  if (announced === '0' || (announced === undefined && incoming.headers['transfer-encoding'] === undefined)) {
    return new Uint8Array();
  }
  if (waits(incoming) && outgoing?.headersSent === false) outgoing.writeContinue();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const stop = () => {
      incoming.off('data', onData);
      incoming.off('end', onEnd);
      incoming.off('error', onGone);
      incoming.off('close', onGone);
    };
    const onData = (chunk: Buffer) => {
      length += chunk.length;
      if (length > limit) {
        stop();
        incoming.pause();
        reject(tooLarge());
      } else chunks.push(chunk);
    };
    const onEnd = () => {
      stop();
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, length));
    };
    const onGone = () => {
      stop();
      reject(new BodyAborted());
    };
    if (incoming.destroyed && !incoming.readableEnded) onGone();
    incoming.on('data', onData);
    incoming.on('end', onEnd);
    incoming.on('error', onGone);
    incoming.on('close', onGone);
  });
}

/** Whether body bytes are still to come that nobody will read: the connection cannot be used again. */
export function bodyLeft({ incoming }: Pick<ServerBindings, 'incoming'>): boolean {
  if (incoming === undefined || incoming.readableEnded) return false;
  const announced = incoming.headers['content-length'];
  return incoming.headers['transfer-encoding'] !== undefined || (announced !== undefined && Number(announced) > 0);
}
