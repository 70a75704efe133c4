import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { loadDefinitions, renderCompletions } from '@credplex/command-line';
import { describe, expect, it } from 'vitest';
import type { Host } from '../lib/host.ts';
import { lineInput } from '../lib/line-input.ts';
import { completeLine } from './complete-line.ts';
import { credhub } from './program.ts';

const definitions = await loadDefinitions(credhub());
const home = mkdtempSync(join(tmpdir(), 'credhub-complete-'));
const host: Host = {
  env: { HOME: home },
  cwd: home,
  input: lineInput(() => Readable.from([])),
  outIsTerminal: false,
  errIsTerminal: false,
  columns: undefined,
  out: () => undefined,
  err: () => undefined,
};

async function render(line: readonly string[], verbose = false): Promise<string> {
  return renderCompletions(await completeLine(line, definitions, host), verbose);
}

async function words(...line: readonly string[]): Promise<string[]> {
  return (await render(line)).split('\n').filter((word) => word !== '');
}

describe('completion', () => {
  it.each([
    [['re'], ['regenerate']],
    [['get', '--o'], ['--output-json']],
    [
      ['get', '--'],
      [
        '--help',
        '--http-timeout',
        '--id',
        '--key',
        '--name',
        '--output-json',
        '--quiet',
        '--token',
        '--version',
        '--versions',
      ],
    ],
    [['get', '-n', ''], []],
    [['get', '-n', '--o'], []],
    [['get', '-nx', '--o'], ['--output-json']],
    [['get', '--name=x', '--o'], ['--output-json']],
    [['g', '--q'], ['--quiet']],
    [
      ['curl', '-'],
      ['--fail', '--help', '--http-timeout', '--path', '--token', '--version', '-X', '-d', '-i'],
    ],
    [['get', '-jq'], ['-jq']],
    [['get', '-n'], []],
    [['get', '-nx'], []],
    [['get', 'x'], []],
    [
      ['set', '-t', ''],
      ['certificate', 'json', 'password', 'rsa', 'ssh', 'user', 'value'],
    ],
    [['generate', '-t', 'p'], ['password']],
    [['generate', '--type=r'], ['--type=rsa']],
    [['n', '-tu'], ['-tuser']],
    [
      ['generate', '-g', 'k'],
      ['key_agreement', 'key_cert_sign', 'key_encipherment'],
    ],
    [
      ['curl', '-X', 'P'],
      ['PATCH', 'POST', 'PUT'],
    ],
    [
      ['completion', ''],
      ['bash', 'fish', 'zsh'],
    ],
    [['completion', 'bash', ''], []],
    [['bogus', ''], []],
    [['--http-timeout', '3s', 'interp'], ['interpolate']],
  ])('%j gives %j', async (line, expected) => {
    expect(await words(...line)).toEqual(expected);
  });

  it('nothing yet gives every command', async () => {
    expect(await words('')).toContain('set-permission');
    expect(await words()).toContain('set-permission');
  });

  it('verbose adds what each means, when there is a choice', async () => {
    expect(await render(['delete'], true)).toBe(
      'delete             # Delete a credential, or all below a path\ndelete-permission  # Delete what an actor may do at a path\n',
    );
    expect(await render(['re'], true)).toBe('regenerate\n');
  });
});
