import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { requireUtf8Words } from './argument-bytes.ts';

/** Runs a program with arguments as a shell makes them of `printf` formats: any bytes. */
function runWith(program: string, ...formats: readonly string[]) {
  const bin = join(import.meta.dirname, '../../../bin', program);
  const words = formats.map((format) => `"$(printf '${format}')"`).join(' ');
  const env = { PATH: process.env.PATH, HOME: '/nonexistent', CREDHUB_SERVER: 'https://127.0.0.1:1' };
  const { status, stdout, stderr } = spawnSync('sh', ['-c', `"$0" "$1" ${words}`, process.execPath, bin], { env });
  return { status, stdout: stdout.toString(), stderr: stderr.toString() };
}

test.each([
  ['credhub.js', 1],
  ['plexctl.js', 2],
])('%s refuses an argument with bytes that are no UTF-8 by its place alone', (program, code) => {
  const refused = runWith(program, 'set', '-n', '/a', '-v', 'secret\\377');
  expect(refused).toMatchObject({ status: code, stdout: '' });
  expect(refused.stderr).toContain('Argument 5 is not UTF-8 text: wrong byte at offset 6.');
  expect(refused.stderr).not.toContain('secret');
  expect(runWith(program, 'set', '-n', '/a', '-v', '\\357\\277\\275').stderr).not.toContain('UTF-8');
});

test('arguments are taken as they are where the kernel does not show their bytes', () => {
  const hidden = (): Buffer => {
    throw new Error('ENOENT');
  };
  expect(() => requireUtf8Words(['\uFFFD'], hidden)).not.toThrow();
  expect(() => requireUtf8Words(['a', '\uFFFD'], () => Buffer.from('node\0x.js\0a\0\xff\0', 'latin1'))).toThrow(
    'Argument 2 is',
  );
});
