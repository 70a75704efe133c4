import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Program } from './program.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

export const clocks: Program = {
  name: 'clocks',
  proves: 'the date-dependent suites pass beside two busy loops, 400 days ahead and on 29 February 2028',
  sizes: { small: 1, whole: 1 },
  wholeOnly: true,
  async run() {
    const child = spawn(process.execPath, ['scripts/clock/run.mjs', '--all'], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (part: Buffer) => {
      output += part.toString();
    });
    const status = await new Promise((resolve) => child.once('close', resolve));
    assert.equal(status, 0, output);
    const lines = output.split('\n').filter((line) => line.startsWith('ok'));
    return lines.map((line) => line.replace(/^ok +/, '').replace(/ \(\d+ s\)$/, '')).join('; ');
  },
};
