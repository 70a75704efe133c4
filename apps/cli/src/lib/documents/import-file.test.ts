import { describe, expect, test } from 'vitest';
import { compactJson } from '../format/json.ts';
import { record } from '../format/json-tree.ts';
import { ImportFileError, parseImportJson, parseImportYaml } from './import-file.ts';

/** What is sent for each entry, in order; a problem instead of a body where nothing is sent. */
function sent(entries: ReturnType<typeof parseImportYaml>): string[] {
  return entries.map(({ name, type, value, metadata, problem }) =>
    problem === undefined ? compactJson(record({ name, type, value, metadata })) : `${name}: ${problem}`,
  );
}

function yaml(text: string): string[] {
  return sent(parseImportYaml(text));
}

function one(fields: string): string[] {
  return yaml(`credentials:\n- ${fields.replaceAll('\n', '\n  ')}`);
}

const notYaml = 'The referenced file does not contain valid yaml structure. Please update and retry your request.';
const notJson = 'The referenced file does not contain valid json structure. Please update and retry your request.';
const noKey =
  "The referenced import file does not begin with the key 'credentials'. The import file must contain a list of credentials under the key 'credentials'. Please update and retry your request.";

describe('values of a YAML file', () => {
  test.each([
    ['42', '"42"'],
    ['1.50', '"1.5"'],
    ['0x10', '"16"'],
    ['010', '"8"'],
    ['1e21', '"1000000000000000000000"'],
    ['1e-7', '"0.0000001"'],
    ['-0.5', '"-0.5"'],
    ['18446744073709551615', '18446744073709551615'],
    ['123456789012345678901234567890', '"123456789012345678901234567890"'],
    ['2020-01-01', '"2020-01-01T00:00:00Z"'],
    ['"2020-01-01"', '"2020-01-01"'],
    ['yes', '"yes"'],
    ['true', 'true'],
    ['~', 'null'],
    ['!!str 5', '"5"'],
    ['!!binary aGVsbG8=', '"hello"'],
    ['{a: b}', '{"a":"b"}'],
  ])('type value, %s is sent as %s', (written, expected) => {
    expect(one(`name: /v\ntype: value\nvalue: ${written}`)).toEqual([
      `{"name":"/v","type":"value","value":${expected}}`,
    ]);
  });

  test('numbers of other types stay numbers, with all their digits', () => {
    expect(one('name: /p\ntype: password\nvalue: 5')).toEqual(['{"name":"/p","type":"password","value":5}']);
    expect(one('name: /j\ntype: json\nvalue: {n: 9007199254740993}')).toEqual([
      '{"name":"/j","type":"json","value":{"n":9007199254740993}}',
    ]);
    expect(one('name: /T\ntype: VALUE\nvalue: 1')).toEqual(['{"name":"/T","type":"VALUE","value":1}']);
  });

  test('keys that are no text become text at every depth', () => {
    expect(one('name: /j\ntype: json\nvalue: {1: one, deep: {2: {true: x}}}')).toEqual([
      '{"name":"/j","type":"json","value":{"1":"one","deep":{"2":{"true":"x"}}}}',
    ]);
  });

  test('what the server computes is not sent back', () => {
    expect(one('name: /s\ntype: ssh\nvalue: {public_key: a, private_key: b, public_key_fingerprint: c}')).toEqual([
      '{"name":"/s","type":"ssh","value":{"private_key":"b","public_key":"a"}}',
    ]);
    expect(one('name: /u\ntype: user\nvalue: {username: a, password: b, password_hash: c}')).toEqual([
      '{"name":"/u","type":"user","value":{"password":"b","username":"a"}}',
    ]);
  });

  test('entry keys in any case, other keys ignored, names that are no text empty, anchors and merge keys resolved', () => {
    const text = `base: &base {type: value, value: x}
credentials:
- {NAME: /a, Type: value, VALUE: x, id: 1, mode: overwrite, metadata: {K: 1}}
- {name: 5, <<: *base}
---
credentials: nonsense
`;
    expect(yaml(text)).toEqual([
      '{"name":"/a","type":"value","value":"x","metadata":{"K":1}}',
      '{"name":"","type":"value","value":"x"}',
    ]);
  });
});

describe('entries on which the original crashes get a clear problem of their own, and the others are set', () => {
  test.each([
    ['name: /x\nvalue: y', '/x: The entry has no type. Please add one and retry your request.'],
    ['name: /x\ntype: 5', '/x: The type of the entry must be a text. Please update and retry your request.'],
    [
      'name: /x\ntype: user\nvalue: y',
      "/x: The value of a credential of type 'user' must be a mapping. Please update and retry your request.",
    ],
    [
      'name: /x\ntype: value\nvalue: y\nmetadata: text',
      '/x: The metadata of the entry must be a mapping. Please update and retry your request.',
    ],
    ['name: /x\ntype: json\nvalue: {~: y}', '/x: A key of the credential is null. Every key must be a text.'],
    ['name: /x\ntype: json\nvalue: {n: .inf}', '/x: json: unsupported value: +Inf'],
  ])('%j', (fields, problem) => {
    expect(one(fields)).toEqual([problem]);
  });

  test('a ring of signers', () => {
    const text = `credentials:
- {name: /a, type: certificate, value: {ca_name: /b}}
- {name: /b, type: certificate, value: {ca_name: /a}}
- {name: /self, type: certificate, value: {ca_name: /self}}
- {name: /below, type: certificate, value: {ca_name: /self}}
`;
    expect(yaml(text)).toEqual([
      "/b: The certificates '/a', '/b' name each other as the CA that signed them. Please update and retry your request.",
      "/a: The certificates '/a', '/b' name each other as the CA that signed them. Please update and retry your request.",
      "/self: The certificate '/self' names itself as the CA that signed it. Please update and retry your request.",
      '{"name":"/below","type":"certificate","value":{"ca_name":"/self"}}',
    ]);
  });
});

test('entries without a signer keep file order and come first, then signers before what they sign', () => {
  const text = `credentials:
- {name: /leaf, type: certificate, value: {ca_name: /int2}}
- {name: /pw, type: password, value: x}
- {name: /int2, type: certificate, value: {ca_name: /int1}}
- {name: /other, type: certificate, value: {ca_name: /INT1}}
- {name: /int1, type: certificate, value: {ca_name: /root}}
- {name: /root, type: certificate, value: {ca: c}}
`;
  const entries = parseImportYaml(text);
  expect(entries.map(({ name, index }) => `${index} ${name}`)).toEqual([
    '1 /pw',
    '5 /root',
    '4 /int1',
    '2 /int2',
    '0 /leaf',
    '3 /other',
  ]);
});

describe('files that cannot be used at all', () => {
  test.each([
    ['', noKey],
    ['nope: []', noKey],
    ['credentials: ~', noKey],
    ['Credentials: []', noKey],
    ['credentials: text', notYaml],
    ['credentials:\n- text', notYaml],
    ['credentials: [', notYaml],
    ['credentials:\n- name: a\n  name: b', notYaml],
    ['just a text', notYaml],
  ])('YAML %j', (text, message) => {
    expect(() => parseImportYaml(text)).toThrow(new ImportFileError(message));
  });

  test.each([
    ['null', noKey],
    ['{}', noKey],
    ['{"credentials":null}', noKey],
    ['{"credentials":{}}', notJson],
    ['{"credentials":["x"]}', notJson],
    ['credentials:', notJson],
    ['', notJson],
  ])('JSON %j', (text, message) => {
    expect(() => parseImportJson(text)).toThrow(new ImportFileError(message));
  });

  test('an alias that repeats itself without end is refused', () => {
    const levels = Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`).join('\n');
    const bomb = `a0: &a0 x\n${levels}\ncredentials: `;
    expect(() => parseImportYaml(`${bomb}[{name: *a12}]`)).toThrow(notYaml);
    // What no credential uses is not unfolded.
    expect(parseImportYaml(`${bomb}[]`)).toEqual([]);
  });
});

describe('bytes that are no text refuse the file with their place, and nothing is sent', () => {
  const file = (...parts: (string | readonly number[])[]): Uint8Array =>
    Buffer.concat(parts.map((part) => Buffer.from(part)));

  test('in YAML', () => {
    expect(() => parseImportYaml(file('credentials:\n- name: /a\n  value: "x', [0xe9], 'y"\n'))).toThrow(
      new ImportFileError(`${notYaml}\nyaml: invalid trailing UTF-8 octet (line 3, offset 36)`),
    );
    expect(() => parseImportYaml(file('credentials:\n- name: ', [0x07]))).toThrow(
      new ImportFileError(`${notYaml}\nyaml: control characters are not allowed (line 2, offset 21)`),
    );
  });

  test('in JSON', () => {
    expect(() => parseImportJson(file('{"credentials":[{"name":"', [0xff], '"}]}'))).toThrow(
      new ImportFileError(`${notJson}\nnot UTF-8 text: wrong byte at offset 25`),
    );
  });

  test('UTF-16 with a byte order mark is YAML', () => {
    const text = 'credentials:\n- name: /é\n  type: value\n  value: "\u{1f600}"\n';
    const utf16 = Buffer.from(`\ufeff${text}`, 'utf16le');
    for (const bytes of [utf16, Buffer.from(utf16).swap16()])
      expect(parseImportYaml(bytes)).toEqual(parseImportYaml(text));
  });

  test('binary data that is no text fails its entry', () => {
    expect(one('name: /b\ntype: value\nvalue: !!binary /w==')).toEqual([
      '/b: A binary value of the credential is not UTF-8 text.',
    ]);
  });
});

test('texts and JSON may go on at the beginning of a line', () => {
  expect(one('name: /c\ntype: json\nvalue: {x: "-----BEGIN"}')).toHaveLength(1);
  const text = `credentials:
- name: /pem
  type: rsa
  value: {public_key: p, private_key: "-----BEGIN
MII
-----END
"}
- name: /json
  type: json
  value: {
"a": [
\t1
]
}
`;
  expect(yaml(text)).toEqual([
    '{"name":"/pem","type":"rsa","value":{"private_key":"-----BEGIN MII -----END ","public_key":"p"}}',
    '{"name":"/json","type":"json","value":{"a":[1]}}',
  ]);
});

test('keys that are numbers are sent with all their digits', () => {
  expect(one('name: /j\ntype: json\nvalue: {1e21: a, .inf: b, 1.50: c}')).toEqual([
    '{"name":"/j","type":"json","value":{"+Inf":"b","1.5":"c","1000000000000000000000":"a"}}',
  ]);
});

test('an empty list is a file without entries', () => {
  expect(parseImportYaml('credentials: []')).toEqual([]);
  expect(parseImportJson('{"Credentials":[]}')).toEqual([]);
});

test('JSON keys are taken in any case, and numbers of type value become text', () => {
  const text = '{"CREDENTIALS":[{"Name":"/a","Type":"value","Value":12},{"name":"/b","type":"value","value":1.50}]}';
  expect(sent(parseImportJson(text))).toEqual([
    '{"name":"/a","type":"value","value":"12"}',
    '{"name":"/b","type":"value","value":"1.5"}',
  ]);
});

describe('lists in the forms that people and programs write', () => {
  test.each([
    [
      'block texts with lines like items',
      'credentials:\n- name: /a\n  type: value\n  value: |\n    - x\n\n    y\n- name: /b\n  type: value\n  value: z\n',
      ['/a "- x\\n\\ny\\n"', '/b "z"'],
    ],
    [
      'indented items, comments and blank lines',
      '# c\n---\ncredentials: # d\n\n  # e\n  - name: /a\n    type: value\n    value: x\n\n  -\n    name: /b\n    type: value\n    value: y\n---\nnope: [\n',
      ['/a "x"', '/b "y"'],
    ],
    [
      'a quoted text that looks like an item',
      'credentials:\n- name: "/a\n    - b"\n  type: value\n  value: x\n',
      ['/a - b "x"'],
    ],
    [
      'an alias of an anchor in another item',
      'credentials:\n- &one\n  name: /a\n  type: value\n  value: x\n- <<: *one\n  name: /b\n',
      ['/a "x"', '/b "x"'],
    ],
    ['keys behind the list', 'credentials:\n- name: /a\n  type: value\n  value: &v x\nother: *v\n', ['/a "x"']],
    [
      'Windows line ends',
      'credentials:\r\n- name: /a\r\n  type: value\r\n  value: x\r\n- name: /b\r\n  type: value\r\n  value: y\r\n',
      ['/a "x"', '/b "y"'],
    ],
    [
      'kept line ends of the last item',
      'credentials:\n- name: /a\n  type: value\n  value: |+\n    x\n\n',
      ['/a "x\\n\\n"'],
    ],
  ])('%s', (_, text, expected) => {
    expect(parseImportYaml(text).map(({ name, value }) => `${name} ${compactJson(value)}`)).toEqual(expected);
  });

  test('an item that is no mapping, or breaks off, is a fault of the file', () => {
    expect(() => parseImportYaml('credentials:\n- name: /a\n- text\n')).toThrow(notYaml);
    expect(() => parseImportYaml('credentials:\n- name: /a\n- name: "b\n')).toThrow(notYaml);
  });
});
