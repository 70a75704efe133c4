import type { Duplex } from 'node:stream';

/** Reads until `done` names a length; what came beyond it goes back into the stream. Rejects at the stream's end. */
function readWhile(stream: Duplex, done: (seen: Buffer) => number | undefined): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let seen = Buffer.alloc(0);
    const stop = (): void => {
      stream.off('data', onData);
      stream.off('end', onEnd);
      stream.off('error', onError);
      stream.pause();
    };
    const onData = (chunk: Buffer): void => {
      seen = Buffer.concat([seen, chunk]);
      const length = done(seen);
      if (length === undefined) return;
      stop();
      if (seen.length > length) stream.unshift(seen.subarray(length));
      resolve(seen.subarray(0, length));
    };
    const onEnd = (): void => {
      stop();
      reject(new Error('EOF'));
    };
    const onError = (error: Error): void => {
      stop();
      reject(error);
    };
    stream.on('data', onData);
    stream.on('end', onEnd);
    stream.on('error', onError);
    // A stream that was paused by the read before does not flow again by itself.
    stream.resume();
  });
}

/** The next `length` bytes of a stream, no more. */
export function readExactly(stream: Duplex, length: number): Promise<Buffer> {
  return readWhile(stream, (seen) => (seen.length >= length ? length : undefined));
}

/** Everything up to and with `mark`. */
export function readUntil(stream: Duplex, mark: string): Promise<Buffer> {
  return readWhile(stream, (seen) => {
    const at = seen.indexOf(mark, 0, 'latin1');
    return at < 0 ? undefined : at + mark.length;
  });
}
