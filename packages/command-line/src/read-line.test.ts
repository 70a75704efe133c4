import { boolean, string } from '@oclif/core/flags';
import { describe, expect, test } from 'vitest';
import type { CommandIndex } from './program.ts';
import { readLine } from './read-line.ts';

function load() {
  return Promise.reject(new Error('parsing must not load a command'));
}

const commands: CommandIndex = { 'cloud:list': load, 'cloud:credential:get': load, whoami: load };
const flags = { server: string(), yes: boolean() };
function read(...words: string[]) {
  return readLine(words, { commands, flags });
}

describe('a line', () => {
  test.each([
    [['whoami', 'x'], 'whoami', ['x']],
    [['--yes', 'cloud', '--server', 'cloud', 'list', '--all'], 'cloud:list', ['--yes', '--server', 'cloud', '--all']],
    [['--server=x', 'cloud', 'credential', 'get'], 'cloud:credential:get', ['--server=x']],
    [['whoami', '--server', '--help'], 'whoami', ['--server=--help']],
    [['whoami', '--', '--help'], 'whoami', ['--', '--help']],
  ])('%j runs %s with %j', (words, id, rest) => {
    expect(read(...words)).toEqual({ kind: 'command', id, words: rest });
  });

  test.each([
    [[], { isRequested: false, path: [], flags: [] }],
    [['--server', 'x', 'cloud'], { isRequested: false, path: ['cloud'], flags: ['--server', 'x'] }],
    [['--help'], { isRequested: true, path: [], flags: [] }],
    [['cloud', '-h'], { isRequested: true, path: ['cloud'], flags: [] }],
    [['help', 'cloud', 'list'], { isRequested: true, path: ['cloud', 'list'], flags: [] }],
    [['cloud', 'list', 'x', '--help'], { isRequested: true, path: ['cloud', 'list'], flags: [] }],
  ])('%j shows help: %j', (words, help) => {
    expect(read(...words)).toEqual({ kind: 'help', ...help });
  });

  test.each([
    [['nope', 'list'], ['nope']],
    [
      ['cloud', 'nope'],
      ['cloud', 'nope'],
    ],
    [['cloud:list'], ['cloud:list']],
    [['--nope', 'whoami'], ['--nope']],
    [['constructor'], ['constructor']],
  ])('%j is not a command', (words, unknown) => {
    expect(read(...words)).toEqual({ kind: 'unknown', words: unknown });
  });

  test('--version shows the version only before the command', () => {
    expect(read('--version')).toEqual({ kind: 'version' });
    expect(read('whoami', '--version')).toMatchObject({ kind: 'command' });
  });
});
