import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { additionalPermissionsField } from '../credentials/request.ts';
import { parseJson } from '../json/parse.ts';
import { readEntry, readPatch, readV1 } from './entry.ts';
import { permissionPaths } from './paths.ts';

function node(body: unknown) {
  return parseJson(JSON.stringify(body));
}

const entry = { path: '/a', actor: 'uaa-client:b', operations: ['read'] };
function refusal(code: string) {
  return expect.objectContaining({ code });
}

describe('v2 entries', () => {
  test.each([
    [{ path: undefined }, 'bad_request'],
    [{ actor: null }, 'bad_request'],
    [{ operations: undefined }, 'invalid_operation'],
    [{ operations: null }, 'invalid_operation'],
    [{ operations: 'read' }, 'invalid_operation'],
    [{ operations: ['READ'] }, 'invalid_operation'],
    [{ operations: [1] }, 'invalid_operation'],
    [{ operations: [] }, 'missing_operations'],
    [{ path: '' }, 'missing_path'],
    [{ path: '/' }, 'missing_path'],
    [{ actor: '' }, 'missing_actor'],
    [{ path: '/a/' }, 'invalid_slash_in_path'],
    [{ path: '/a//b' }, 'invalid_slash_in_path'],
    [{ path: '/a b' }, 'invalid_character_in_path'],
    [{ path: '/a*' }, 'invalid_character_in_path'],
    [{ path: '/a/*/b' }, 'invalid_character_in_path'],
    [{ path: '/*x' }, 'invalid_character_in_path'],
    [{ path: `/${'p'.repeat(255)}` }, 'bad_request'],
    [{ actor: 'a'.repeat(256) }, 'bad_request'],
    [{ actor: 'a\u0000' }, 'bad_request'],
    [{ foo: 1 }, 'invalid_json_key'],
  ])('with %j are refused: %s', (part, code) => {
    expect(() => readEntry(node({ ...entry, ...part }))).toThrow(refusal(code));
  });
  test('are put in order: slash added, operations sorted, each once', () => {
    const read = readEntry(node({ path: '*', actor: 5, operations: ['write_acl', 'read', 'read', 'delete'] }));
    expect(read).toEqual({ path: '/*', actor: '5', operations: ['read', 'delete', 'write_acl'] });
  });
  test('lose all operations by a patch of null, nothing or an empty list', () => {
    for (const body of [{}, { operations: null }, { operations: [] }]) expect(readPatch(node(body))).toEqual([]);
    expect(() => readPatch(node({ operations: ['run'] }))).toThrow(refusal('invalid_operation'));
  });
});

describe('v1 entries', () => {
  test('need a name, a list and operations, and may lack an actor', () => {
    const of = (body: unknown) => () => readV1(node(body));
    expect(of({ permissions: [entry] })).toThrow(refusal('missing_name'));
    expect(of({ credential_name: '/a' })).toThrow(refusal('missing_aces'));
    expect(of({ credential_name: '/a', permissions: {} })).toThrow(refusal('bad_request'));
    expect(of({ credential_name: '/a', permissions: [null] })).toThrow(refusal('bad_request'));
    expect(of({ credential_name: '/a', permissions: [{ actor: 'b' }] })).toThrow(refusal('missing_operations'));
    expect(of({ credential_name: 'a', permissions: [{ path: 7, operations: [] }] })()).toEqual({
      name: '/a',
      entries: [{ actor: undefined, operations: [] }],
    });
  });
});

describe('lists of a request', () => {
  const refused = (read: () => unknown) => expect(read).toThrow(refusal('exceeds_maximum_size'));
  test('hold at most 64 operations, counted before any is looked at', () => {
    refused(() => readEntry(node({ ...entry, operations: new Array(65).fill('run') })));
    expect(readEntry(node({ ...entry, operations: new Array(64).fill('read') })).operations).toEqual(['read']);
  });
  test('hold at most 1,000 entries, counted before any is looked at', () => {
    const list = (length: number, item: unknown) => new Array(length).fill(item);
    refused(() => readV1(node({ credential_name: '/a', permissions: list(1001, 'no entry') })));
    refused(() => additionalPermissionsField.read(node(list(1001, 'no entry'))));
    expect(readV1(node({ credential_name: '/a', permissions: list(1000, entry) })).entries).toHaveLength(1000);
    expect(additionalPermissionsField.read(node(list(1000, { actor: 'a' })))).toHaveLength(1000);
  });
});

describe('paths that speak about a name', () => {
  test('are the name and every folder above it', () => {
    expect(permissionPaths('/a/b')).toEqual(['/a/b', '/a/*', '/*']);
    expect(permissionPaths('/a/*')).toEqual(['/a/*', '/*']);
    expect(permissionPaths('/*')).toEqual(['/*']);
    expect(permissionPaths('/a/b/*')).toEqual(['/a/b/*', '/a/*', '/*']);
  });
  test('are few and short for a name of any number of slashes', () => {
    const [name, ...folders] = permissionPaths('/a'.repeat(1_000_000));
    expect(name).toHaveLength(2_000_000);
    expect(folders).toHaveLength(512);
    expect(folders[0]).toHaveLength(1024);
  });
  test('cover exactly what begins with the folder', () => {
    const segment = fc.stringMatching(/^[a-c]{1,2}$/);
    const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join('/')}`);
    fc.assert(
      fc.property(path, path, (name, folder) => {
        expect(permissionPaths(name).includes(`${folder}/*`)).toBe(name.startsWith(`${folder}/`));
      }),
    );
  });
});
