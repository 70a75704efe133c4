/** Takes whole lines from a pipe, so that those of several workers never mix. */
import type { Readable } from 'node:stream';

const NEWLINE = 0x0a;

/**
 * Hands over each part of the stream that ends with a whole line. Resolves at the end of the stream, to the bytes of a line
 * that its writer did not finish.
 */
export function readLines(stream: Readable, take: (lines: string) => void): Promise<number> {
  let waiting: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      take(Buffer.concat([...waiting, chunk.subarray(0, end)]).toString());
      waiting = [];
    }
    if (end < chunk.length) waiting.push(chunk.subarray(end));
  });
  return new Promise((resolve) => {
    stream.once('close', () => resolve(waiting.reduce((sum, part) => sum + part.length, 0)));
  });
}
