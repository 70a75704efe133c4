import { describe, expect, test } from 'vitest';
import type { Value } from '../format/json-tree.ts';
import { parseJson } from '../format/parse-json.ts';
import { YamlSyntaxError } from '../yaml/read.ts';
import { type CredentialSource, InterpolateError, type InterpolateOptions, interpolate } from './interpolate.ts';

const long = `${Array.from({ length: 40 }, (_, index) => `word${index + 1}`).join(' ')} end`;
const stored: Readonly<Record<string, string>> = {
  '/int/pw': '"se cret"',
  '/int/num': '"42"',
  '/int/json': '{"d.ot":1,"s":"str","a":{"b":["x","y"],"n":5}}',
  '/int/multi': '"l1\\\\nl2"',
  '/int/multi2': '"l1\\nl2\\n"',
  '/int/long': JSON.stringify(long),
  '/top': '"topv"',
};

function source(values: Readonly<Record<string, string>> = stored): CredentialSource & { reads: string[] } {
  const reads: string[] = [];
  return {
    reads,
    names: async () => Object.keys(values),
    read: async (name) => {
      reads.push(name);
      return { type: 'json', value: parseJson(values[name] ?? 'null') satisfies Value };
    },
  };
}

function fill(text: string, options: Partial<InterpolateOptions> = {}) {
  return interpolate({ text, file: 't.yml', ...options }, source());
}

async function output(text: string, options: Partial<InterpolateOptions> = {}) {
  return (await fill(text, options)).stdout;
}

describe('transcripts of the original', () => {
  test('the whole first template, but for the key `n:`, which stays what it was', async () => {
    const template = `# comment is lost
zz: ((/int/pw))
whole_json: ((/int/json))
embedded: "prefix-((/int/pw))-suffix-((/int/num))"
bang: ((!/int/pw))
list:
- ((/int/num))
- plain
- {((/int/num)): v}
multi: ((/int/multi))
spaces: (( /int/pw ))
rel: ((int/pw))
top: ((top))
bool: yes
date: 2020-01-01
n: null
big: 12345678
`;
    expect(await fill(template)).toEqual({
      stdout: `bang: se cret
big: 12345678
bool: true
date: "2020-01-01"
embedded: prefix-se cret-suffix-42
list:
- "42"
- plain
- "42": v
multi: l1\\nl2
"n": null
rel: se cret
spaces: se cret
top: topv
whole_json:
  a:
    b:
    - x
    - "y"
    "n": 5
  d.ot: 1
  s: str
zz: se cret

`,
      stderr: '\n',
    });
  });

  test('long text is folded at the first blank beyond column 80, and keys are in natural order', async () => {
    const template = `long: one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
m: ((/int/long))
l2: |
  x
  y
q: "123"
k10: a
k9: b
B: c
empty: {}
el: []
nested:
  a:
  - b:
    - c
`;
    expect(await output(template)).toBe(`B: c
el: []
empty: {}
k9: b
k10: a
l2: |
  x
  y
long: one two three four five six seven eight nine ten eleven twelve thirteen fourteen
  fifteen sixteen seventeen
m: word1 word2 word3 word4 word5 word6 word7 word8 word9 word10 word11 word12 word13
  word14 word15 word16 word17 word18 word19 word20 word21 word22 word23 word24 word25
  word26 word27 word28 word29 word30 word31 word32 word33 word34 word35 word36 word37
  word38 word39 word40 end
nested:
  a:
  - b:
    - c
q: "123"

`);
  });

  test('text of several lines becomes a block', async () => {
    const template = 'a: ((/int/json.a))\nx: "((/int/multi2))"\nz: "pre ((/int/multi2)) post"\nv: ((/int/num))\n';
    expect(await output(template)).toBe(`a:
  b:
  - x
  - "y"
  "n": 5
v: "42"
x: |
  l1
  l2
z: |-
  pre l1
  l2
   post

`);
  });

  test('values are read as YAML 1.1', async () => {
    const template = `hex: 0x1f
oct: 010
f: 1.50
sci: 1e3
date: 2020-01-01
ts: 2020-01-01T00:00:00Z
yes: no
n: ~
big: 12345678901234567890
anchor: &a {x: 1}
ref: *a
str: !!str 5
uni: "\\u00e9 \\U0001F600"
`;
    expect(await output(template)).toBe(`anchor:
  x: 1
big: 12345678901234567890
date: "2020-01-01"
f: 1.5
hex: 31
"n": null
oct: 8
ref:
  x: 1
sci: 1000
str: "5"
ts: "2020-01-01T00:00:00Z"
uni: "é \\U0001F600"
"yes": false

`);
  });

  test.each([
    ['just a string ((/int/pw))', 'just a string se cret\n\n'],
    ['a: ((/INT/PW))', 'a: se cret\n\n'],
    ['---\na: ((/int/pw))\n---\nb: 1\n', 'a: se cret\n\n'],
    ['w-{{a}}: ((/int/num)) and ((/int/num)) and ((/int/pw))', 'w-{{a}}: 42 and 42 and se cret\n\n'],
    ['# only a comment\n', 'null\n\n'],
    ['a: x (( /int/num )) y', 'a: x (( /int/num )) y\n\n'],
  ])('%j', async (template, expected) => {
    expect(await output(template)).toBe(expected);
  });

  test.each(['/int', 'int', 'int/'])('the prefix %j is put before relative names', async (prefix) => {
    expect(await output('a: ((pw))\nb: ((/int/pw))\n', { prefix })).toBe('a: se cret\nb: se cret\n\n');
  });

  test('an empty file prints nothing at all', async () => {
    expect(await fill('')).toEqual({ stdout: '', stderr: '' });
  });
});

describe('errors', () => {
  test.each([
    [
      'a: ((/int/json.nope))',
      "Finding variable '/int/json.nope': Expected to find a map key 'nope' for path '/nope' (found map keys: 'a', 'd.ot', 's')",
    ],
    ['a: ((/int/pw.foo))', "Finding variable '/int/pw.foo': Expected to find a map at path '/foo' but found 'string'"],
    ['b: ((/also/nope))\na: ((nope))', 'Expected to find variables: /also/nope\nnope'],
    ['a: x-((nope))-y\nb: ((nope))', 'Expected to find variables: nope'],
    ['a: ((bad name))\nb: (( ))\nc: ((a:b))\nd: ((x))', 'Expected to find variables: x'],
    [
      'variables:\n- name: /int/pw\n  type: password\n- name: /other\n  type: password\nv: ((/int/pw))',
      'Expected to find variables: /other',
    ],
    [
      'a: x((/int/json))y',
      "Invalid type 'map[interface {}]interface {}' for value 'map[a:map[b:[x y] n:5] d.ot:1 s:str]' and variable '/int/json'. Supported types for interpolation within a string are integers and strings.",
    ],
  ])('%j', async (template, message) => {
    await expect(fill(template)).rejects.toThrow(new InterpolateError(message));
  });

  test('YAML that is not finished says in which line', async () => {
    await expect(fill('a: [')).rejects.toThrow(new YamlSyntaxError('did not find expected node content', 1));
  });
});

describe('a template is read as go-yaml v2 reads it', () => {
  test.each([
    ['cert: "-----BEGIN\nMII\n-----END\n"\nn: ((/int/num))', 'cert: \'-----BEGIN MII -----END \'\n"n": "42"\n\n'],
    ['json: {\n"a": ((/int/num))\n}\nb: 1', 'b: 1\njson:\n  a: "42"\n\n'],
    ['json: {\n\t"a": [\n\t\t1,\n\t]\n}', 'json:\n  a:\n  - 1\n\n'],
    ['a: 1\n<<: {a: 2, b: 3}', 'a: 2\nb: 3\n\n'],
    ['"<<": {a: 1}', '<<:\n  a: 1\n\n'],
    ['a: !!binary /w==', 'a: !!binary /w==\n\n'],
    ['a: !!omap [b: 1]\nc: ! 5\nd: !!timestamp 2001-1-1', 'a:\n- b: 1\nc: "5"\nd: "2001-1-1"\n\n'],
  ])('%j', async (template, expected) => {
    expect(await output(template)).toBe(expected);
  });

  test('in UTF-16 with a byte order mark', async () => {
    const text = Buffer.from('\ufeffa: ((/int/pw))\nb: é((nope))\n', 'utf16le');
    expect(await interpolate({ text, file: 't.yml', skipMissing: true }, source())).toEqual({
      stdout: 'a: se cret\nb: é((nope))\n\n',
      stderr: 'Could not find values for:\nt.yml:2 ((nope))\n\n',
    });
  });

  test.each([
    ['{{a}}: b', 'yaml: invalid map key: map[interface {}]interface {}{"a":interface {}(nil)}'],
    ['a: b\nc: "\\q"', 'yaml: line 2: found unknown escape character'],
    ['a: *nope', "yaml: unknown anchor 'nope' referenced"],
    [Buffer.from([0x61, 0x3a, 0x20, 0xff]), 'yaml: invalid leading UTF-8 octet (line 1, offset 3)'],
  ])('%j is refused', async (text, message) => {
    await expect(interpolate({ text, file: 't.yml' }, source())).rejects.toThrow(message);
  });
});

describe('with --skip-missing', () => {
  test('what is missing stays, and is listed with its line in the template', async () => {
    const template = 'a: ((nope))\nb: ((/also/nope))\nc: ok\nd: ((/int/pw))\n';
    expect(await fill(template, { file: 't3.yml', skipMissing: true })).toEqual({
      stdout: 'a: ((nope))\nb: ((/also/nope))\nc: ok\nd: se cret\n\n',
      stderr: 'Could not find values for:\nt3.yml:1 ((nope))\nt3.yml:2 ((/also/nope))\n\n',
    });
  });

  test('a name that is used twice is listed twice for each of its lines', async () => {
    expect((await fill('a: x-((nope))-y\nb: ((nope))\n', { file: 't15.yml', skipMissing: true })).stderr).toBe(
      'Could not find values for:\nt15.yml:1 ((nope))\nt15.yml:1 ((nope))\nt15.yml:2 ((nope))\nt15.yml:2 ((nope))\n\n',
    );
  });

  test('text that only looks like a placeholder is listed too', async () => {
    const template = 'a: ((bad name))\nb: (( ))\nc: ((a:b))\nd: ((x))\n';
    expect(await fill(template, { skipMissing: true })).toEqual({
      stdout: template.concat('\n'),
      stderr: 'Could not find values for:\nt.yml:1 ((bad name))\nt.yml:2 (( ))\nt.yml:3 ((a:b))\nt.yml:4 ((x))\n\n',
    });
  });
});

describe('beyond the original', () => {
  test('a path may go down several levels, into lists too, and integers fit into a text', async () => {
    const template = 'a: ((/int/json.a.b.1))\nb: ((/int/json.a.n))\nc: n=((/int/json.a.n))\n';
    expect(await output(template)).toBe('a: "y"\nb: 5\nc: n=5\n\n');
    await expect(fill('a: ((/int/json.a.b.7))')).rejects.toThrow("Finding variable '/int/json.a.b.7'");
  });

  test('each credential is read once however often it is used', async () => {
    const credentials = source();
    await interpolate({ text: 'a: ((/int/pw))\nb: ((/INT/pw))\nc: x((/int/pw))', file: 't.yml' }, credentials);
    expect(credentials.reads).toEqual(['/int/pw']);
  });

  test('defined variables that exist leave the list', async () => {
    expect(await output('variables:\n- name: /int/pw\n  type: password\nv: ((/int/pw))')).toBe(
      'v: se cret\nvariables: []\n\n',
    );
  });
});
