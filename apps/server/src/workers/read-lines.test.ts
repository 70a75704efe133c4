import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { readLines } from './read-lines.ts';

test('lines are handed over whole, whatever the parts are that they come in', async () => {
  const text = 'first\nsecond ä€\n\nthird\n';
  for (const size of [1, 2, 3, 7, 100]) {
    const stream = new PassThrough();
    const taken: string[] = [];
    const ended = readLines(stream, (lines) => taken.push(lines));
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += size) stream.write(bytes.subarray(at, at + size));
    stream.end();
    expect(await ended).toBe(0);
    expect(taken.join('')).toBe(text);
    expect(taken.every((lines) => lines.endsWith('\n'))).toBe(true);
  }
});

test('a line that its writer did not finish is not handed over, but counted', async () => {
  const stream = new PassThrough();
  const taken: string[] = [];
  const ended = readLines(stream, (lines) => taken.push(lines));
  stream.write('whole\nhal');
  stream.end('f');
  expect(await ended).toBe(4);
  expect(taken).toEqual(['whole\n']);
});
