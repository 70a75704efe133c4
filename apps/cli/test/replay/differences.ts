/** Where our command line does something else than the recording, and why. Everything not named here is the same. */
export interface Difference {
  readonly reason: string;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly exit?: number;
  readonly config?: string;
  /** Words of stderr that ours spells otherwise. */
  readonly spelling?: readonly [recorded: string, ours: string];
  /** Only the beginning is compared, up to this text. */
  readonly until?: string;
}

function red(message: string): string {
  return `\x1b[1;31m${message}\x1b[0m\n`;
}

/** An import of one entry that cannot be sent: the original crashes (docs/reference/credhub-cli.md#defects). */
function unusableEntry(name: string, problem: string): Difference {
  const line = `Credential '${name}' at index 0 could not be set: ${problem}`;
  return {
    reason: 'a clear error instead of a crash',
    stdout: `${line}\n\nImport complete.\nSuccessfully set: 0\nFailed to set: 1\n - ${line}\n`,
    stderr: red('One or more credentials failed to import.'),
    exit: 1,
  };
}

const KEYS_STAY = 'a key such as n: or yes: stays what it is, instead of becoming false: or true:';
const NESTED = 'a field may be taken from nested values, where the original knows one level';

const T1_HEAD = `bang: se cret
big: 12345678
bool: true
date: "2020-01-01"
embedded: prefix-se cret-suffix-42
`;
const T1_LIST = `list:
- "42"
- plain
- "42": v
multi: l1\\nl2
"n": null
`;
const T1_TAIL = `top: topv
whole_json:
  a:
    b:
    - x
    - "y"
    "n": 5
  d.ot: 1
  s: str
zz: se cret

`;

export const DIFFERENCES: Readonly<Record<string, Difference>> = {
  '04:441': { reason: 'an answer without a body by its status is a success', stderr: '', exit: 0 },
  '05:123': unusableEntry('/imp/notype', 'The entry has no type. Please add one and retry your request.'),
  '05:133': unusableEntry(
    '/imp/userstr',
    "The value of a credential of type 'user' must be a mapping. Please update and retry your request.",
  ),
  '05:143': unusableEntry(
    '/imp/certstr',
    "The value of a credential of type 'certificate' must be a mapping. Please update and retry your request.",
  ),
  '05:153': unusableEntry(
    '/imp/metastr',
    'The metadata of the entry must be a mapping. Please update and retry your request.',
  ),
  '07:21': {
    reason: NESTED,
    stdout: `${T1_HEAD}idx: "y"\n${T1_LIST}num: 5\nrel: se cret\nspaces: se cret\nsub:\n- x\n- "y"\n${T1_TAIL}`,
    stderr: '\n',
    exit: 0,
  },
  '07:116': {
    reason: NESTED,
    stderr: red(
      "Finding variable '/int/json.a.b.7': Expected to find a list index at path '/a/b/7' (the list has 2 items)",
    ),
  },
  '07:121': { reason: NESTED, stdout: 'a: v-5\nb: v-str\n\n', stderr: '\n', exit: 0 },
  '07b:26': { reason: KEYS_STAY, stdout: `${T1_HEAD}${T1_LIST}rel: se cret\nspaces: se cret\n${T1_TAIL}` },
  '07b:101': {
    reason: KEYS_STAY,
    stdout: `a:
  b:
  - x
  - "y"
  "n": 5
v: "42"
x: |
  l1
  l2
"y": |-
  pre l1
  l2
   post

`,
  },
  '07b:143': {
    reason: KEYS_STAY,
    stdout: `anchor:
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

`,
  },
  '10:50': { reason: 'the recording goes on with the noise of another program', until: 'parse error' },
  '11:12': {
    reason: 'keys that are numbers become texts at any depth',
    stdout: 'Import complete.\nSuccessfully set: 1\nFailed to set: 0\n',
    stderr: '',
    exit: 0,
  },
  '11:21': unusableEntry('', 'A key of the credential is null. Every key must be a text.'),
  '11:79': { reason: 'a clear error instead of a crash', stderr: red('x'), exit: 1 },
  '12:221': { reason: 'the warning is spelled right', spelling: ['envrionment', 'environment'] },
  '11:111': { reason: 'our help has its own words', until: 'Get a credential' },
};
