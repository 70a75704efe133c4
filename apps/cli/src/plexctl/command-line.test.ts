import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { givenPlexctl, token } from '../../test/support/plexctl-given.ts';
import { runProcess } from '../../test/support/plexctl-run.ts';

const given = givenPlexctl();

describe('the line', () => {
  test.each([
    [['nope'], 'There is no such command.'],
    [['cloud', 'nope'], "There is no such command under 'cloud'."],
    [['whoami', '--nope'], 'no flag --nope'],
    [['whoami', 'x'], 'more words'],
    [['whoami', '--output', 'xml'], '--output must be one of text, json, yaml'],
    [['whoami', '--server'], '--server expects a value'],
    [['whoami', '--profile='], '--profile expects a value'],
    [['--server'], '--server expects a value. See plexctl --help.'],
    [['--server='], '--server expects a value'],
    [['--yes', '--profile'], '--profile expects a value'],
    [['--token-file', '--yes'], '--token-file expects a value'],
    [['--ca-cert', '--output', 'json'], '--ca-cert expects a value'],
    [['cloud', '--output'], '--output expects one of these values: text, json, yaml. See plexctl cloud --help.'],
    [['--output', 'xml'], '--output must be one of text, json, yaml'],
    [['--server', '--output', 'json', 'whoami'], '--server expects a value'],
    [['cloud', 'list', '--limit', '0'], '--limit must be an integer greater than or equal to 1'],
    [['cloud', 'list', '--limit', 'x'], '--limit must be an integer'],
    [['cloud', 'get'], 'ID is required'],
    [['completion', 'tcsh'], 'The shell must be one of bash, fish, zsh'],
  ])('%j: exit 2', async (argv, message) => {
    const ran = await given.plexctl(argv);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain(message);
  });

  test.each([
    [['--server', 'https://localhost']],
    [['--yes', 'cloud']],
    [['cloud', '--output', 'json']],
    [['--output', 'xml', '--help']],
  ])('%j: help, exit 0', async (argv) => {
    const ran = await runProcess(argv);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toContain('USAGE');
  });

  test('--version is one line of three facts', async () => {
    const ran = await given.plexctl(['--version']);
    expect(ran.stdout).toMatch(/^version=\d+\.\d+\.\d+\S* commit=\S+ date=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n$/);
  });

  test('--version in a checkout tells version and commit, also inside a hook of another repository', async () => {
    const commit = execFileSync('git', ['-C', import.meta.dirname, 'rev-parse', '--short', 'HEAD'], {
      encoding: 'utf8',
    });
    const env = { PATH: process.env.PATH ?? '', GIT_DIR: '/nowhere' };
    const ran = await given.plexctl(['--version'], { env });
    expect(ran.stdout).toContain(` commit=${commit.trim()} date=`);
    expect(ran.stdout).not.toContain('date=1970');
  });

  test.each([
    [['clod', 'list'], "There is no such command. Did you mean 'plexctl cloud'? See plexctl --help.\n"],
    [['--yes', 'logn'], "Did you mean 'plexctl login'?"],
    [['cloud', 'crate'], "under 'cloud'. Did you mean 'plexctl cloud create'? See plexctl cloud --help."],
    [['cloud', 'cred', 'list'], "Did you mean 'plexctl cloud credential'?"],
    [['cloud', 'credential', 'revok'], "Did you mean 'plexctl cloud credential revoke'?"],
  ])('%j suggests the nearest command', async (argv, message) => {
    const ran = await given.plexctl(argv);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toContain(message);
  });

  test('a word that is near nothing is neither repeated nor answered with a guess', async () => {
    const ran = await given.plexctl([token]);
    expect(ran.stderr).toBe('Error: There is no such command. See plexctl --help.\n');
  });

  test('--reveal-secrets says so on stderr', async () => {
    await given.logIn();
    expect((await given.plexctl('whoami --reveal-secrets')).stderr).toMatch(/^Warning: .*\n$/);
  });

  test.each(['bash', 'fish', 'zsh'])('completion %s is a script that asks the program itself', async (shell) => {
    const ran = await given.plexctl(['completion', shell]);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain(`# ${shell} completion for plexctl\n`);
    expect(ran.stdout).toContain('_PLEXCTL_COMPLETE=');
  });

  test.each([
    [[''], ['cloud', 'completion', 'identity-tokens', 'login', 'logout', 'rebac', 'whoami']],
    [
      ['--output', 'json', 'cloud', 'cr'],
      ['create', 'credential'],
    ],
    [
      ['cloud', 'credential', 'create', '--c'],
      ['--ca-cert', '--cloud-id'],
    ],
    [['whoami', '--output', 'y'], ['yaml']],
    [
      ['cloud', 'create', '--provider', ''],
      ['aws', 'azure'],
    ],
    [['whoami', '--output=t'], ['--output=text']],
    [
      ['completion', ''],
      ['bash', 'fish', 'zsh'],
    ],
    [['whoami', '--server', ''], []],
    [['nope', ''], []],
  ])('%j is completed by %j, from the definitions of the commands', async (words, expected) => {
    const ran = await given.plexctl(words, { env: { _PLEXCTL_COMPLETE: '1' } });
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout.split('\n').filter((line) => line !== '')).toEqual(expected);
  });
});
