import { PassThrough, Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { createTerminal } from './terminal.ts';

function sink() {
  let text = '';
  return { write: (part: string) => (text += part), text: () => text };
}

describe('secrets of operator commands', () => {
  test('are the first line of stdin if that is not a terminal', async () => {
    const terminal = createTerminal({ stdin: Readable.from(['s3cret\nmore\n']), stdout: sink(), stderr: sink() });
    expect((await terminal.newSecret('password')).reveal()).toBe('s3cret');
  });

  test('an empty, a far too long and a NUL secret are refused', async () => {
    for (const text of ['', '\n', `${'x'.repeat(2000)}\n`, 'a\0b\n']) {
      const terminal = createTerminal({ stdin: Readable.from([text]), stdout: sink(), stderr: sink() });
      await expect(terminal.secret('password')).rejects.toThrow(/password/);
    }
  });

  test('are prompted for twice on a terminal, without echo, and must match', async () => {
    const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => stdin });
    const stderr = sink();
    const terminal = createTerminal({ stdin, stdout: sink(), stderr });
    const good = terminal.newSecret('password');
    stdin.write('hunter3\u007f2\r');
    setImmediate(() => stdin.write('hunter2\r'));
    expect((await good).reveal()).toBe('hunter2');
    expect(stderr.text()).toBe('password: \npassword again: \n');

    const bad = terminal.newSecret('password');
    stdin.write('one\r');
    setImmediate(() => stdin.write('two\r'));
    await expect(bad).rejects.toThrow('the two are not the same');
  });

  test('Ctrl-C cancels the prompt', async () => {
    const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => stdin });
    const terminal = createTerminal({ stdin, stdout: sink(), stderr: sink() });
    const asked = terminal.secret('password');
    stdin.write('abc\u0003');
    await expect(asked).rejects.toThrow('interrupted');
  });
});
