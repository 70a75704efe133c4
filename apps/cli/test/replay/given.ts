/** What the recordings do not show: the environment, standard input and files that a command was run with. */
export interface Given {
  /** Added to the environment of the recording. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Written before the command, below the working folder. */
  readonly files?: Readonly<Record<string, string>>;
  /** Changes of the configuration file before the command: fields to set, or a whole text. */
  readonly config?: Readonly<Record<string, unknown>> | string;
  /** The configuration file is removed, or is a folder. */
  readonly configIs?: 'missing' | 'folder';
  /** The words, where the recording could not show them. */
  readonly words?: readonly string[];
  /** Settings of the stub, where the recording shows others. */
  readonly server?: string;
  /** So many first lines of the output are in truth the rest of the command. */
  readonly skipLines?: number;
}

const CLIENT = { CREDHUB_CLIENT: 'cn', CREDHUB_SECRET: 'cs' };
const SERVER = { CREDHUB_SERVER: 'http://127.0.0.1:9411' };

function ENTRY(name: string, rest: string): string {
  return `- name: ${name}\n${rest.replace(/^/gm, '  ')}\n`;
}

function list(...entries: readonly string[]): string {
  return `credentials:\n${entries.join('')}`;
}

const GOOD = list(
  ENTRY('/imp/pw', 'type: password\nvalue: secret'),
  ENTRY('/imp/val', 'type: value\nvalue: 42'),
  ENTRY('/imp/valf', 'type: value\nvalue: 1.50'),
  ENTRY('/imp/user', 'type: user\nvalue:\n  username: u\n  password: p\n  password_hash: gone'),
  ENTRY('/imp/ssh', 'type: ssh\nvalue:\n  public_key: pub\n  private_key: priv\n  public_key_fingerprint: gone'),
  ENTRY('/imp/json', 'type: json\nvalue:\n  1: one\n  a: [1, two]\n  nested: {k: v}\n  true: yes'),
  ENTRY('/imp/meta', 'Type: password\nVALUE: x\nmetadata: {some: thing}'),
);

const PARTIAL = list(
  ENTRY('/imp/bad1', 'type: bogus\nvalue: x'),
  ENTRY('/imp/ok1', 'type: value\nvalue: x'),
  '- type: value\n  value: x\n',
  ENTRY('[a]', 'type: value\nvalue: x'),
  ENTRY('/imp/boolval', 'type: value\nvalue: true'),
  ENTRY('/imp/nullval', 'type: value\nvalue: null'),
  ENTRY('/imp/intpw', 'type: password\nvalue: 5'),
);

const GOOD_JSON = JSON.stringify({
  Credentials: [
    { name: '/imp/j1', type: 'password', value: 'x' },
    { Name: '/imp/j2', Type: 'value', Value: 12 },
    { NAME: '/imp/j3', TYPE: 'json', VALUE: { a: [1] }, Metadata: { m: 1 } },
  ],
});

const IMPORT_FILES: Readonly<Record<string, string>> = {
  'good.yml': GOOD,
  'partial.yml': PARTIAL,
  'notag.yml': 'other: []\n',
  'bad.yml': 'credentials: [\n',
  'nullc.yml': 'credentials:\n',
  'emptyc.yml': 'credentials: []\n',
  'empty.yml': '',
  'strc.yml': 'credentials: text\n',
  'noval.yml': list(ENTRY('/imp/noval', 'type: value')),
  'multidoc.yml': `${list(ENTRY('/imp/multi', 'type: value\nvalue: x'))}---\nother: document\n`,
  'notype.yml': list(ENTRY('/imp/notype', 'value: x')),
  'userstr.yml': list(ENTRY('/imp/userstr', 'type: user\nvalue: text')),
  'certstr.yml': list(ENTRY('/imp/certstr', 'type: certificate\nvalue: text')),
  'metastr.yml': list(ENTRY('/imp/metastr', 'type: value\nvalue: x\nmetadata: text')),
  'strentry.yml': 'credentials:\n- text\n',
  'good.json': GOOD_JSON,
  'bad.json': '{"credentials":',
  'notag.json': '{"other":[]}',
};

const CHAIN = list(
  ENTRY('/loop/a', 'type: certificate\nvalue: {ca: x, certificate: bad}'),
  ENTRY('/loop/b', 'type: value\nvalue: fine'),
  ENTRY('/loop/c', 'type: certificate\nvalue: {ca_name: /loop/a, certificate: bad}'),
);

const EDGE_FILES: Readonly<Record<string, string>> = {
  'e1.yml': list(ENTRY('/i/date', 'type: value\nvalue: 2020-01-01')),
  'e2.yml': list(ENTRY('/i/nest', 'type: json\nvalue: {a: {b: {1: x}}}')),
  'e3.yml': 'credentials:\n- value: {null: x}\n',
  'e4.yml': 'credentials:\n- name: /a\n  name: /b\n  type: value\n  value: x\n',
  'e5.yml': 'base: &base\n  type: value\ncredentials:\n- <<: *base\n  name: /i/anchor\n  value: x\n',
  'e6.yml': list(
    ENTRY('/i/hex', 'type: value\nvalue: 0x10'),
    ENTRY('/i/big', 'type: value\nvalue: 18446744073709551615'),
    ENTRY('/i/e', 'type: value\nvalue: 1e21'),
    ENTRY('/i/oct', 'type: value\nvalue: 010'),
    ENTRY('/i/obj', 'type: value\nvalue: {a: b}'),
    ENTRY('/i/lst', 'type: json\nvalue: [1, {a: [b]}]'),
    ENTRY('5', 'type: value\nvalue: x'),
    ENTRY('/i/mode', 'type: password\nvalue: x\nmode: overwrite\nid: abc'),
    ENTRY('/i/T', 'type: VALUE\nvalue: 1'),
  ),
};

export const GIVEN: Readonly<Record<string, Given>> = {
  '02:182': { stdin: '  typed value \n' },
  '02:193': { stdin: 'typedpw \n' },
  '02:211': { stdin: '{"typed":1}\n' },
  '02:219': { stdin: 'upw\n' },
  '05:1': { files: IMPORT_FILES },
  '06:153': { files: { 'chain.yml': CHAIN } },
  '08:44': {},
  // The recorded file had no line break at its end, which changes the line number in the error.
  '07:41': { files: { 't5.yml': 'a: [' } },
  '08:76': { config: { AccessToken: 't.e.s', ServerVersion: '' } },
  '08:94': { configIs: 'missing' },
  '08:97': { config: '{"ApiURL":' },
  '08:100': { configIs: 'folder' },
  '09:30': { config: { AccessToken: 'nodots', RefreshToken: 'refresh-35', CaCerts: null } },
  '09:33': { config: { AccessToken: 'a.!!.c' } },
  '09:36': { config: { AccessToken: 'a.e30.c' } },
  '09:39': { config: { AccessToken: 'a.eyJqdGkiOiJqdGktOTkifQ.c' } },
  '09:50': { env: { CREDHUB_PROXY: 'socks5://127.0.0.1:1' } },
  '09:56': { env: { CREDHUB_PROXY: 'socks5://127.0.0.1:1' } },
  '09:59': { env: { https_proxy: 'http://127.0.0.1:1' } },
  '09:62': { env: { https_proxy: 'http://127.0.0.1:1' } },
  '09:68': { env: { CREDHUB_PROXY: 'socks5://127.0.0.1:1', no_proxy: 'localhost' } },
  '09:74': {
    env: { CREDHUB_PROXY: 'ssh+socks5://user@127.0.0.1:1?private-key=/home/user/ssh.key' },
    files: { '../home/ssh.key': 'a key' },
  },
  '09:77': { env: { CREDHUB_PROXY: 'ssh+socks5://user@127.0.0.1:1?private-key=/nope' } },
  '10:1': {
    files: {
      't/key.pem': 'FILEKEY\n',
      'certs/client_cert.pem': 'CERT\n',
      'certs/client_key.pem': 'KEY\n',
      'certs/client_ca_cert.pem': 'CA\n',
    },
  },
  '10:39': {
    skipLines: 3,
    words: [
      'set',
      '-n',
      '/f/c',
      '-t',
      'certificate',
      '-c',
      '-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----',
      '-p',
      'certs/client_key.pem',
      '-r',
      'certs/client_ca_cert.pem',
    ],
  },
  '11:7': { files: EDGE_FILES },
  // Shown for a command that was left out of the recording.
  '11:43': { server: '{}', files: { 't/e6.yml': EDGE_FILES['e6.yml'] ?? '', 't/e1.yml': EDGE_FILES['e1.yml'] ?? '' } },
  '11:79': { config: { ServerVersion: '' } },
  '11:90': { env: { CREDHUB_HTTP_TIMEOUT: '' } },
  '11:93': { env: { CREDHUB_CA_CERT: '' } },
  '11:96': { env: { CREDHUB_CA_CERT: 'no certificate' } },
  '11:99': { env: { CREDHUB_CA_CERT: 'no certificate' } },
  '11:102': { env: CLIENT },
  '11:131': { env: { GO_FLAGS_COMPLETION: '1' } },
  '11:134': { env: { GO_FLAGS_COMPLETION: '1' } },
  '12:3': { configIs: 'missing' },
  '12:22': { stdin: 'me\npw\n' },
  '12:30': { stdin: 'pw2\n' },
  '12:56': { stdin: 'code123\n' },
  '12:66': { stdin: 'code123\n' },
  '12:134': { env: { ...SERVER, ...CLIENT }, configIs: 'missing' },
  '12:146': { env: { ...SERVER, ...CLIENT } },
  '12:157': { env: { ...SERVER, ...CLIENT } },
  '12:164': { env: { ...SERVER, ...CLIENT } },
  '12:189': { env: { ...SERVER, CREDHUB_CLIENT: 'cn' } },
  '12:200': { env: { ...SERVER, CREDHUB_CLIENT: 'cn' } },
  '12:205': { env: { ...SERVER, CREDHUB_SECRET: 'cs' } },
  '12:221': { env: { ...SERVER, ...CLIENT } },
};
