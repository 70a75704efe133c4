/** What the launcher sets before the program starts. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { newFolder } from './harness/credplex.ts';

const LAUNCHER = new URL('../bin/launch.js', import.meta.url).href;

/** Launches a program that prints its number of threads, on which keys are generated. */
function threadsOf(command: string, env: Record<string, string> = {}): string {
  const folder = newFolder();
  const [program, start] = [join(folder, 'program.mjs'), join(folder, 'start.mjs')];
  writeFileSync(program, `process.stdout.write(String(process.env.UV_THREADPOOL_SIZE))`);
  writeFileSync(
    start,
    `import { launch } from '${LAUNCHER}'; await launch(${JSON.stringify(pathToFileURL(program).href)});`,
  );
  return execFileSync(process.execPath, [start, command], { env, encoding: 'utf8' });
}

test('serve has a thread for a key on each core and two more, and at least four', () => {
  expect(threadsOf('serve')).toBe(String(Math.max(4, availableParallelism() + 2)));
});

test('the number of threads that an operator sets is kept', () => {
  expect(threadsOf('serve', { UV_THREADPOOL_SIZE: '9' })).toBe('9');
});

test('other commands keep the default', () => {
  expect(threadsOf('doctor')).toBe('undefined');
});
