import { execFileSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { freshHome, plexctlBin, run, runProcess } from '../../test/support/plexctl-run.ts';
import { startStub } from '../../test/support/plexsphere-stub.ts';
import { COMMANDS } from './commands.ts';

test('help of the program names its commands and ends with 0', async () => {
  const ran = await runProcess([]);
  expect(ran).toMatchObject({ code: 0, stderr: '' });
  for (const word of ['cloud', 'rebac', 'login', 'logout', 'whoami', 'completion']) expect(ran.stdout).toContain(word);
});

test('help of a command has its flags, the persistent ones and an example', async () => {
  const ran = await runProcess(['cloud', 'credential', 'create', '--help']);
  expect(ran.code).toBe(0);
  for (const part of ['--payload-file=PATH', '--token-file=PATH', 'EXAMPLES', '$ plexctl cloud credential create']) {
    expect(ran.stdout).toContain(part);
  }
});

test('every command has a summary and an example that begins with its name', async () => {
  for (const [id, load] of Object.entries(COMMANDS)) {
    const { default: command } = await load();
    expect(command.summary).toMatch(/\.$/);
    expect(JSON.stringify(command.examples)).toContain(`<%= config.bin %> ${id.replaceAll(':', ' ')}`);
  }
});

test('a process sends stdin byte for byte and ends with the exit code', async () => {
  await using stub = await startStub();
  const cloud = '019a9b5e-8c1d-7a2b-9f00-1234567890ab';
  const env = { PLEXSPHERE_URL: stub.url, PLEXSPHERE_TOKEN: 'token' };
  const stdin = Buffer.from([0, 1, 255, 10]);
  const line = ['cloud', 'credential', 'create', '--cloud-id', cloud, '--display-name', 'x', '--payload-file', '-'];
  const ran = await runProcess(line, { env, stdin });
  expect(ran.code).toBe(4);
  expect(JSON.parse(stub.seen[0]?.body ?? '')).toEqual({ display_name: 'x', payload: stdin.toString('base64') });
});

test('bash completes commands behind persistent flags, and the flags of a command', async () => {
  const folder = freshHome();
  const script = join(folder, 'plexctl.bash');
  symlinkSync(plexctlBin, join(folder, 'plexctl'));
  const env = { HOME: folder, PATH: `${folder}:${dirname(process.execPath)}:${process.env.PATH}` };
  writeFileSync(script, (await run(['completion', 'bash'])).stdout);
  const complete = (...words: string[]): string[] => {
    const line = `source ${script}; COMP_WORDS=(plexctl "$@"); COMP_CWORD=$#; _plexctl; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync('bash', ['-c', line, 'bash', ...words], { encoding: 'utf8', env })
      .trim()
      .split('\n');
  };
  expect(complete('--output', 'json', 'cloud', 'cr')).toEqual(['create', 'credential']);
  expect(complete('cloud', 'credential', 'create', '--c')).toEqual(['--ca-cert', '--cloud-id']);
  expect(complete('whoami', '--output', 'y')).toEqual(['yaml']);
});
