import { describe, expect, it } from 'vitest';
import { completeWords, renderCompletions } from './complete-words.ts';

const words = (...line: readonly string[]): string[] => completeWords(line).map(({ word }) => word);

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
    [['--http-timeout', '3s', 'interp'], ['interpolate']],
  ])('%j gives %j', (line, expected) => {
    expect(words(...line)).toEqual(expected);
  });

  it('nothing yet gives every command', () => {
    expect(words('')).toContain('set-permission');
    expect(words()).toContain('set-permission');
  });

  it('verbose adds what each means, when there is a choice', () => {
    expect(renderCompletions(completeWords(['delete']), true)).toBe(
      'delete             # Delete a credential, or all below a path\ndelete-permission  # Delete what an actor may do at a path\n',
    );
    expect(renderCompletions(completeWords(['re']), true)).toBe('regenerate\n');
  });
});
