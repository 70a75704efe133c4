import { CredError, jsonText } from '@credplex/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { acceptsJson, parseBody } from './content.ts';

const TEXT = '{"name":"/é","type":"value","value":"v"}';
const JSON_TYPE = 'application/json';
function read(bytes: Uint8Array, type: string | undefined): string {
  const node = parseBody(bytes, type, { optional: false });
  return node === undefined ? '' : jsonText(node);
}
function code(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof CredError ? error.code : 'another error';
  }
  return 'taken';
}
function wide(text: string, order: 'le' | 'be', bom: boolean): Buffer {
  const bytes = Buffer.from((bom ? '\ufeff' : '') + text, 'utf16le');
  return order === 'le' ? bytes : bytes.swap16();
}

describe('bodies', () => {
  test.each([
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON;charset="UTF-8"',
    'application/vnd.api+json',
  ])('%s is JSON', (type) => expect(read(Buffer.from(TEXT), type)).toBe(TEXT));

  test.each([
    'text/plain',
    'text/json',
    'json',
    'application/*',
    'application/json; charset=nonsense',
    'application/x+jsonx',
  ])('%s is refused', (type) => expect(code(() => read(Buffer.from(TEXT), type))).toBe('invalid_content_type'));

  test('a body without a content type is refused; no body and no type is a missing body', () => {
    expect(code(() => parseBody(Buffer.from(TEXT), undefined, { optional: true }))).toBe('invalid_content_type');
    expect(code(() => parseBody(new Uint8Array(), undefined, { optional: false }))).toBe('bad_request');
    expect(parseBody(new Uint8Array(), undefined, { optional: true })).toBeUndefined();
  });

  test.each([
    ['UTF-16LE with mark', wide(TEXT, 'le', true)],
    ['UTF-16BE with mark', wide(TEXT, 'be', true)],
    ['UTF-16LE', wide(TEXT, 'le', false)],
    ['UTF-16BE', wide(TEXT, 'be', false)],
  ])('%s is read', (_, bytes) => expect(read(bytes, 'application/json; charset=utf-16')).toBe(TEXT));

  test('a declared single-byte charset is used', () => {
    expect(read(Buffer.from('"\xe9"', 'latin1'), 'application/json;charset=ISO-8859-1')).toBe('"é"');
  });

  test('random bytes give a tree or an error of the catalogue', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 64 }),
        fc.constantFrom(JSON_TYPE, 'application/json; charset=utf-16', 'application/json; charset=utf-32'),
        (bytes, type) => {
          expect(['taken', 'bad_request']).toContain(code(() => parseBody(bytes, type, { optional: true })));
        },
      ),
    );
  });
});

describe('Accept', () => {
  test.each([
    undefined,
    '*/*',
    'application/*',
    'application/json',
    'text/html, application/json;q=0.5',
    'text/html,*/*;q=0.1',
    '*',
    'text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2',
    'text/html, *; q=.2',
  ])('%s takes JSON', (accept) => expect(acceptsJson(accept)).toBe(true));
  test.each(['text/html', 'application/xml', 'application/json;q=0', 'nonsense', ','])('%s does not', (accept) =>
    expect(acceptsJson(accept)).toBe(false),
  );
});
