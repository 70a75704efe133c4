import { loadDefinitions } from '@credplex/command-line';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Outcome, parseLine } from './argv.ts';
import { credhub } from './program.ts';

const definitions = await loadDefinitions(credhub());

function parse(words: readonly string[], env: Record<string, string> = {}): Outcome {
  return parseLine(words, definitions, env);
}

function valuesOf(words: readonly string[], env: Record<string, string> = {}): Readonly<Record<string, unknown>> {
  const outcome = parse(words, env);
  if (outcome.kind !== 'run') throw new Error(JSON.stringify(outcome));
  return outcome.line.values;
}

describe('values', () => {
  test.each([
    [['get', '--name=x']],
    [['get', '--name', 'x']],
    [['get', '-n', 'x']],
    [['get', '-nx']],
    [['get', '-n=x']],
    [['g', '-jqn', 'x']],
  ])('%j names x', (words) => {
    expect(valuesOf(words)).toMatchObject({ name: 'x' });
  });

  test('letters without a value may be bundled', () => {
    expect(valuesOf(['get', '-jq', '-n', 'x'])).toMatchObject({ 'output-json': true, quiet: true });
  });

  test('the last of two wins, lists collect, and a flag replaces the environment', () => {
    expect(valuesOf(['get', '-n', 'a', '-n', 'b'])).toMatchObject({ name: 'b' });
    expect(valuesOf(['generate', '-n', 'x', '-a', 'one', '-a', 'two'])).toMatchObject({
      'alternative-name': ['one', 'two'],
    });
    const env = { CREDHUB_CA_CERT: 'from env', CREDHUB_SERVER: 'env' };
    expect(valuesOf(['api', '--ca-cert', 'a', '--ca-cert', 'b'], env)).toMatchObject({
      'ca-cert': ['a', 'b'],
      server: 'env',
    });
    expect(valuesOf(['api'], env)).toMatchObject({ 'ca-cert': ['from env'] });
  });

  test.each(['-', '--', '---x', '-----BEGIN CERTIFICATE-----'])('%s is a plain word and may be a value', (word) => {
    expect(valuesOf(['set', '-n', 'x', '-c', word])).toMatchObject({ certificate: word });
  });

  test('an integer may be negative and of any base', () => {
    expect(valuesOf(['generate', '-n', 'x', '-l', '-5'])).toMatchObject({ length: -5n });
    expect(valuesOf(['generate', '-n', 'x', '-l0x10'])).toMatchObject({ length: 16n });
  });

  test('an empty text counts as given', () => {
    expect(valuesOf(['set', '-n', ''])).toMatchObject({ name: '' });
  });

  test('any attached value arrives as it is, unless it starts with a quote', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }).filter((text) => !text.startsWith('"')),
        (text) => {
          expect(valuesOf(['set', '-n', 'x', `--value=${text}`])).toMatchObject({ value: text });
          expect(valuesOf(['set', '-n', 'x', `-v=${text}`])).toMatchObject({ value: text });
        },
      ),
    );
  });
});

describe('faults', () => {
  test.each([
    [['--nope'], "unknown flag `nope'"],
    [['get', '-x'], "unknown flag `x'"],
    [['-n', 'x', 'get'], "unknown flag `n'"],
    [['get', '-n'], "expected argument for flag `-n, --name'"],
    [['get', '-jnx'], "expected argument for flag `-n, --name'"],
    [['set', '-n', 'x', '-v', '-foo'], "expected argument for flag `-v, --value', but got option `-foo'"],
    [['set'], "the required flag `-n, --name' was not specified"],
    [['set-permission'], "the required flags `-a, --actor', `-o, --operations' and `-p, --path' were not specified"],
    [
      ['get', '--versions', 'abc'],
      'invalid argument for flag `--versions\' (expected int): strconv.ParseInt: parsing "abc": invalid syntax',
    ],
    [
      ['--http-timeout', '3', 'find'],
      'invalid argument for flag `--http-timeout\' (expected *time.Duration): time: missing unit in duration "3"',
    ],
    [['get', '-q=true'], "bool flag `-q, --quiet' cannot have an argument"],
    [['curl', '-i=x'], "bool flag `-i' cannot have an argument"],
    [['set', '-n', 'x', '-v', '"x'], "invalid argument for flag `-v, --value' (expected string): invalid syntax"],
  ])('%j: %s', (words, message) => {
    expect(parse(words)).toEqual({ kind: 'fault', message });
  });

  test('a bad CREDHUB_HTTP_TIMEOUT is a fault, but missing flags come first', () => {
    const env = { CREDHUB_HTTP_TIMEOUT: '' };
    expect(parse(['find'], env)).toMatchObject({ message: expect.stringContaining('time: invalid duration ""') });
    expect(parse(['set'], env)).toMatchObject({ message: expect.stringContaining('required flag') });
    expect(parse(['find', '--http-timeout=1s'], env)).toMatchObject({ kind: 'run' });
  });
});

describe('help, version and token', () => {
  const nameOf = (outcome: Outcome): string | undefined => (outcome.kind === 'help' ? outcome.command?.id : 'no help');

  test('help is of the command named so far, and nothing after it is looked at', () => {
    expect(nameOf(parse(['get', '-h', '--nope']))).toBe('get');
    expect(nameOf(parse(['-h', 'get']))).toBeUndefined();
    expect(nameOf(parse(['get', '-jhx']))).toBe('get');
  });

  test('no command and an unknown command are the help of the program', () => {
    expect(nameOf(parse([]))).toBeUndefined();
    expect(nameOf(parse(['bogus', 'get']))).toBeUndefined();
  });

  test('behind an unknown command options are still read, but no command is', () => {
    expect(parse(['bogus', '--nope'])).toEqual({ kind: 'fault', message: "unknown flag `nope'" });
    expect(parse(['bogus', 'get', '-n'])).toEqual({ kind: 'fault', message: "unknown flag `n'" });
    expect(parse(['bogus', '--version']).kind).toBe('version');
    expect(parse(['bogus'], { CREDHUB_HTTP_TIMEOUT: '' }).kind).toBe('fault');
    expect(nameOf(parse(['--output-json']))).toBe('no help');
  });

  test('version and token act at once, whatever follows', () => {
    expect(parse(['get', '--version', '--nope']).kind).toBe('version');
    expect(parse(['--token', 'set']).kind).toBe('token');
    expect(parse(['--http-timeout=2s', '--version'])).toEqual({ kind: 'version', httpTimeout: 2_000_000_000n });
  });
});

describe('arguments', () => {
  test('api takes one; what is too much is kept for later, also a double dash', () => {
    const outcome = parse(['api', 'one', 'two', '--']);
    expect(outcome).toMatchObject({ kind: 'run', line: { argument: 'one', superfluous: ['two', '--'] } });
    expect(parse(['get', '-n', 'x', '--'])).toMatchObject({ line: { superfluous: ['--'] } });
  });

  test('every command is found by name and by alias, and by nothing shorter', () => {
    for (const { id, aliases, flags } of definitions) {
      const required = Object.entries(flags).flatMap(([name, flag]) => (flag.required ? [`--${name}=x`] : []));
      expect(parse([id, ...required])).toMatchObject({ kind: 'run', line: { command: { id } } });
      for (const alias of aliases) expect(parse([alias, ...required])).toMatchObject({ line: { command: { id } } });
      if (!aliases.includes(id.slice(0, -1))) expect(parse([id.slice(0, -1)]).kind).toBe('help');
    }
  });
});
