import { PassThrough, Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { lineInput } from './line-input.ts';

function silent(): void {}

describe('lines of a pipe', () => {
  test('come one by one, whatever pieces they arrive in', async () => {
    const input = lineInput(() => source);
    const source = Readable.from(['fir', 'st\nsec', 'ond\r\nthi', 'rd']);
    expect([await input.line(), await input.hiddenLine('', silent), await input.line()]).toEqual([
      'first',
      'second',
      'third',
    ]);
  });

  test('are asked for without a line break, as nothing is typed there', async () => {
    const source = Readable.from(['secret\n']);
    let shown = '';
    await lineInput(() => source).hiddenLine('password: ', (text) => {
      shown += text;
    });
    expect(shown).toBe('password: ');
  });

  test('are decoded as a whole, wherever a character is cut', async () => {
    const bytes = Buffer.from('ü\u{1f600}\nnext\n');
    const pieces = Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));
    const source = Readable.from(pieces, { objectMode: true });
    const input = lineInput(() => source);
    expect([await input.line(), await input.line()]).toEqual(['ü\u{1f600}', 'next']);
  });

  test('that are not UTF-8 text are refused', async () => {
    const source = Readable.from([Buffer.from([0x61, 0xff, 0x0a])]);
    await expect(lineInput(() => source).line()).rejects.toThrow(
      'The input is not UTF-8 text: wrong byte at offset 1 of the line.',
    );
  });

  test('are empty at the end of input', async () => {
    const source = Readable.from([]);
    const input = lineInput(() => source);
    expect([await input.line(), await input.hiddenLine('', silent)]).toEqual(['', '']);
  });
});

describe('a hidden line of a terminal', () => {
  /** A terminal that notes whether it showed what was typed when the prompt came. */
  const terminal = (): PassThrough & { isTTY: true; raw: boolean; setRawMode(on: boolean): void } => {
    const stream = Object.assign(new PassThrough(), {
      isTTY: true as const,
      raw: false,
      setRawMode: (on: boolean): void => {
        stream.raw = on;
      },
    });
    return stream;
  };

  test('is not shown from the prompt on, may be edited, and ends with a line break', async () => {
    const stream = terminal();
    let rawAtPrompt = false;
    let shown = '';
    const typed = lineInput(() => stream).hiddenLine('password: ', (text) => {
      if (text === 'password: ') rawAtPrompt = stream.raw;
      shown += text;
    });
    stream.write('wrong\x15secx\x7fr');
    stream.write('et\r');
    expect(await typed).toBe('secret');
    expect([rawAtPrompt, stream.raw]).toEqual([true, false]);
    expect(shown).toBe('password: \n');
  });

  test('ends at the end of input too', async () => {
    const stream = terminal();
    const typed = lineInput(() => stream).hiddenLine('', silent);
    stream.write('half\x04');
    expect(await typed).toBe('half');
  });
});
