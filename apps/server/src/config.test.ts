import { describe, expect, test } from 'vitest';
import { ConfigError, type ConfigSources, loadConfig, printConfig } from './config.ts';

function load(yaml: string, env: ConfigSources['env'] = {}, files: Record<string, string> = {}) {
  return loadConfig({
    env,
    file: { path: 'credplex.yml', text: yaml },
    readFile: (path) => {
      const text = files[path];
      if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
      return text;
    },
  });
}

describe('defaults', () => {
  test('nothing given: level 1 on the embedded store, loopback only', () => {
    const config = load('');
    expect(config.level).toBe(1);
    expect(config.listen).toEqual([{ host: '127.0.0.1', port: 8844 }]);
    expect(config.public_url).toBe('https://localhost:8844');
    expect(config.database.url).toBeUndefined();
    expect(config.vault).toMatchObject({ kind: 'sql', openbao: { mount: 'secret', prefix: 'credplex' } });
    expect(config.limits.body).toBe(32 * 1024 * 1024);
    expect(config.audit).toEqual({ reads: true });
  });

  test.each(['127.0.0.1:1,[::1]:2', ' 127.0.0.1:1 , [::1]:2 ', '127.0.0.1:1 [::1]:2'])(
    'several addresses: %s',
    (listen) => {
      expect(load('', { CREDPLEX_LISTEN: listen }).listen).toEqual([
        { host: '127.0.0.1', port: 1 },
        { host: '::1', port: 2 },
      ]);
    },
  );

  test('public_url follows the port of the first listen address', () => {
    expect(load('', { CREDPLEX_LISTEN: '[::1]:9000, 0.0.0.0:9001' }).public_url).toBe('https://localhost:9000');
  });
});

describe('workers', () => {
  test('one unless set; a number or auto, from the file or from variables', () => {
    expect(load('').workers).toBe(1);
    expect(load('workers: auto').workers).toBe('auto');
    expect(load('', { CREDPLEX_WORKERS: 'auto' }).workers).toBe('auto');
    expect(load('workers: auto', { CREDPLEX_WORKERS: '3' }).workers).toBe(3);
    expect(load('', { CREDPLEX_DATABASE_MAX_CONNECTIONS: '40' }).database.max_connections).toBe(40);
  });

  test.each(['0', '65', '-1', '1.5', 'many'])('%s is no number of workers', (text) => {
    const refusal = (name: string) => new ConfigError(`${name}: must be a number from 1 to 64, or auto`);
    expect(() => load('', { CREDPLEX_WORKERS: text })).toThrow(refusal('CREDPLEX_WORKERS'));
    expect(() => load(`workers: ${text}`)).toThrow(refusal('workers'));
  });

  test('a server has at least 6 connections', () => {
    const refusal = new ConfigError('database.max_connections: must be at least 6');
    expect(() => load('database: {max_connections: 5}')).toThrow(refusal);
  });
});

describe('order', () => {
  test('a variable overrides the file', () => {
    expect(load('level: 1\ndata_dir: /a', { CREDPLEX_LEVEL: '2' })).toMatchObject({ level: 2, data_dir: '/a' });
  });

  test('an empty variable is ignored', () => {
    expect(load('level: 2', { CREDPLEX_LEVEL: '' }).level).toBe(2);
  });
});

describe('secrets', () => {
  test('each may be read from a file, without its last newline', () => {
    const config = load(
      'vault: {kind: openbao, openbao: {address: "http://127.0.0.1:8200/", token: {file: /run/token}}}\nencryption: {keys: [{name: a, passphrase: {file: /run/pass}, active: true}]}',
      { CREDPLEX_DATABASE_URL_FILE: '/run/url' },
      { '/run/token': 's.abc\n', '/run/url': 'postgres://u:p@h/d\n', '/run/pass': ' words \n' },
    );
    expect(config.vault.openbao.token).toEqual({ file: '/run/token' });
    expect(config.vault.openbao.address).toBe('http://127.0.0.1:8200');
    expect(config.database.url?.reveal()).toBe('postgres://u:p@h/d');
    expect(config.encryption.keys[0]?.passphrase?.reveal()).toBe(' words ');
  });

  test('are hidden in the printed values, which can be loaded again', () => {
    const config = load('database: {url: "postgres://u:hunter2@h/d"}\nlisten: ["[::1]:1", "a:2"]', {
      CREDPLEX_ENCRYPTION_KEY: 'topsecretkey',
    });
    const printed = printConfig(config);
    expect(printed).not.toMatch(/hunter2|topsecretkey/);
    expect(load(printed).listen).toEqual(config.listen);
  });
});

test('variables that Kubernetes sets for a Service named credplex are ignored', () => {
  const address = 'tcp://10.0.0.7:8844';
  const env = {
    CREDPLEX_SERVICE_HOST: '10.0.0.7',
    CREDPLEX_SERVICE_PORT: '8844',
    CREDPLEX_SERVICE_PORT_HTTPS: '8844',
    CREDPLEX_PORT: address,
    CREDPLEX_PORT_8844_TCP: address,
    CREDPLEX_PORT_8844_TCP_ADDR: '10.0.0.7',
    CREDPLEX_PORT_8844_TCP_PORT: '8844',
    CREDPLEX_PORT_8844_TCP_PROTO: 'tcp',
  };
  expect(load('', env)).toEqual(load(''));
});

describe('errors name the setting and never its value', () => {
  const message = (run: () => unknown): string => {
    try {
      run();
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      return error instanceof Error ? error.message : '';
    }
    throw new Error('it was taken');
  };

  test.each([
    ['unknown key', 'levle: 2', {}, 'levle: there is no such setting'],
    ['unknown inner key', 'tls: {cert: x}', {}, 'tls.cert: there is no such setting'],
    ['wrong kind', 'level: 3', {}, 'level: must be 1 or 2'],
    ['wrong variable', '', { CREDPLEX_LEVEL: 'two' }, 'CREDPLEX_LEVEL: must be 1 or 2'],
    ...['PORTS', 'PORT_8844', 'PORT_X_TCP', 'PORT_8844_TCP_HOST', 'SERVICE', 'SERVICE_HOST_X', 'X_PORT'].map((name) => [
      `no service link (${name})`,
      '',
      { [`CREDPLEX_${name}`]: '1' },
      `CREDPLEX_${name}: there is no such variable`,
    ]),
    ['unknown variable', '', { CREDPLEX_LEVLE: '2' }, 'CREDPLEX_LEVLE: there is no such variable'],
    [
      'a file for what is no secret',
      '',
      { CREDPLEX_LEVEL_FILE: '/x' },
      'CREDPLEX_LEVEL_FILE: there is no such variable',
    ],
    ['missing secret file', 'database: {url: {file: /no}}', {}, 'database.url: cannot read the file /no (ENOENT)'],
    ['half a pair', 'tls: {certificate: a.pem}', {}, 'tls: certificate and private_key belong together'],
    ['bad address', 'listen: nowhere', {}, 'listen.0: must be host:port'],
    [
      'openbao without address',
      'vault: {kind: openbao}',
      {},
      'vault.openbao.address: is needed with vault.kind openbao',
    ],
    ['no YAML', 'a: [', {}, 'credplex.yml: is not YAML'],
    ['a tag that YAML does not know', 'database: {url: !vault hunter2}', {}, 'credplex.yml: is not YAML (at line 1,'],
    [
      'a password in an address, which would be printed',
      '',
      { CREDPLEX_OPENBAO_ADDRESS: 'https://u:hunter2@bao:8200' },
      'CREDPLEX_OPENBAO_ADDRESS: must be a URL without user, password, query and fragment',
    ],
    [
      'an address for keys without the UAA itself',
      '',
      { CREDPLEX_UAA_INTERNAL_URL: 'https://uaa' },
      'CREDPLEX_UAA_INTERNAL_URL: needs auth.uaa.url beside it',
    ],
    ['a query in the middle', 'public_url: "https://h/?a"', {}, 'public_url: must be a URL without user'],
    ['no URL at all', 'public_url: h', {}, 'public_url: must be an http or https URL'],
    [
      'two active keys',
      'encryption: {keys: [{name: a, file: x, active: true}, {name: b, file: y, active: true}]}',
      {},
      'encryption.keys: exactly one key must be active',
    ],
    ['operation', 'permissions: [{path: "/*", actors: [a], operations: [reed]}]', {}, 'permissions.0.operations.0:'],
    ...['', '/', '/a/', '/a//b', '/a b', '/a*', '/é'].map((path) => [
      `a permission on ${path}, which is no path`,
      `permissions: [{path: "${path}", actors: [a], operations: [read]}]`,
      {},
      'permissions.0.path: must be the name of a credential, or end with /*',
    ]),
  ] as [string, string, ConfigSources['env'], string][])('%s', (_, yaml, env, expected) => {
    expect(message(() => load(yaml, env as ConfigSources['env']))).toContain(expected);
  });

  test.each(['/*', '/a', 'a', '/a/*', '/director/deployment/*', '/x.y:z,(1)[2]+-_'])(
    'a permission on %s is taken',
    (path) => {
      expect(load(`permissions: [{path: "${path}", actors: [a], operations: [read]}]`).permissions[0]?.path).toBe(path);
    },
  );

  test('an invalid secret is not quoted', () => {
    expect(message(() => load('database: {url: [hunter2]}'))).not.toContain('hunter2');
  });
});

describe('trusted_proxies', () => {
  test('are none by default, and take addresses and CIDRs as a list or as one text', () => {
    expect(load('').trusted_proxies).toEqual([]);
    const both = ['10.0.0.0/8', '::1'];
    expect(load('trusted_proxies: [10.0.0.0/8, "::1"]').trusted_proxies).toEqual(both);
    expect(load('', { CREDPLEX_TRUSTED_PROXIES: '10.0.0.0/8, ::1' }).trusted_proxies).toEqual(both);
  });

  test.each(['[proxy.example]', '10.0.0.0/33', '["*"]'])('%s is refused', (text) => {
    expect(() => load(`trusted_proxies: ${text}`)).toThrow(/^trusted_proxies.*: must be an IP address or a CIDR/);
  });
});

test('management.local_endpoint is on unless it is switched off', () => {
  expect(load('').management.local_endpoint).toBe(true);
  expect(load('management: {local_endpoint: false}').management.local_endpoint).toBe(false);
  expect(load('', { CREDPLEX_MANAGEMENT_LOCAL_ENDPOINT: 'false' }).management.local_endpoint).toBe(false);
});
