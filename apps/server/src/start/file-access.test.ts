import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../config.ts';
import { accessFaults } from './file-access.ts';

let home: string;
let data: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'credplex access-'));
  data = join(home, 'data');
  mkdirSync(join(data, 'tls'), { recursive: true, mode: 0o700 });
  mkdirSync(join(data, 'postgres'), { mode: 0o700 });
  chmodSync(data, 0o700);
});

function put(path: string, mode: number): string {
  writeFileSync(path, 'x');
  chmodSync(path, mode);
  return path;
}

function faults(yaml = '', env: Record<string, string> = {}, uid = 1000) {
  return accessFaults(
    loadConfig({ env, file: { path: 'test', text: yaml }, readFile: (path) => readFileSync(path, 'utf8') }),
    data,
    uid,
  );
}

function found(...given: Parameters<typeof faults>) {
  return faults(...given).map(({ verdict, file }) => [verdict, file]);
}

/** Runs the commands that the faults name. */
function mend(...given: Parameters<typeof faults>): void {
  for (const { text } of faults(...given)) execFileSync('sh', ['-c', text.slice(text.lastIndexOf(': ') + 2)]);
}

const OWN = ['encryption.key', 'tls/ca.key', 'tls/server.key', 'operator.pending.json'];

describe('inside the data folder group and others may reach no key file', () => {
  test.each(OWN.flatMap((name) => [0o640, 0o604, 0o610, 0o620, 0o602].map((mode) => [name, mode] as const)))(
    '%s with mode %o is refused, and the command named mends it',
    (name, mode) => {
      const file = put(join(data, name), mode);
      expect(found()).toEqual([['refused', file]]);
      expect(faults()[0]?.text).toContain(`(mode 0${mode.toString(8)}): chmod 600 '${file}'`);
      mend();
      expect(found()).toEqual([]);
    },
  );

  test('nor one that the settings name there', () => {
    const file = put(join(data, 'second.key'), 0o640);
    const keys = `encryption: {keys: [{name: a, file: ${JSON.stringify(file)}, active: true}]}`;
    expect(found(keys)).toEqual([['refused', file]]);
    expect(found(`tls: {certificate: /c.pem, private_key: ${JSON.stringify(file)}}`)).toEqual([['refused', file]]);
    expect(found('', { CREDPLEX_DATABASE_URL_FILE: file })).toEqual([['refused', file]]);
  });

  test('also where the data folder is reached by a symbolic link', () => {
    const file = put(join(data, 'second.key'), 0o644);
    symlinkSync(data, join(home, 'link'));
    const keys = `encryption: {keys: [{name: a, file: ${JSON.stringify(join(home, 'link', 'second.key'))}, active: true}]}`;
    expect(found(keys).map(([verdict]) => verdict)).toEqual(['refused']);
    expect(existsSync(file)).toBe(true);
  });

  test.each([0o600, 0o400])('mode %o is good', (mode) => {
    for (const name of OWN) put(join(data, name), mode);
    expect(found()).toEqual([]);
  });

  test.each([0o755, 0o750, 0o770, 0o711, 0o705])('the folder itself with mode %o is refused', (mode) => {
    for (const folder of [data, join(data, 'tls'), join(data, 'postgres')]) {
      chmodSync(folder, mode);
      expect(found()).toEqual([['refused', folder]]);
      expect(faults()[0]?.text).toContain(`(mode 0${mode.toString(8)}): chmod 700 '${folder}'`);
      mend();
      expect(found()).toEqual([]);
    }
  });

  test('as root it may be searched, not listed: PostgreSQL runs under another account there', () => {
    chmodSync(data, 0o711);
    expect(found('', {}, 0)).toEqual([]);
    chmodSync(data, 0o755);
    expect(found('', {}, 0)).toEqual([['refused', data]]);
    chmodSync(data, 0o711);
    chmodSync(join(data, 'tls'), 0o711);
    expect(found('', {}, 0)).toEqual([['refused', join(data, 'tls')]]);
  });

  test('operator.json is a warning, files.strict or not', () => {
    const file = put(join(data, 'operator.json'), 0o644);
    expect(found()).toEqual([['warning', file]]);
    expect(found('files: {strict: true}')).toEqual([['warning', file]]);
    mend();
    expect(found()).toEqual([]);
  });
});

describe('a key file elsewhere', () => {
  /** Every way to name one. */
  const ways: readonly [string, (file: string) => Parameters<typeof faults>][] = [
    [
      'encryption.keys.0.file',
      (file) => [`encryption: {keys: [{name: a, file: ${JSON.stringify(file)}, active: true}]}`],
    ],
    [
      'encryption.keys.0.passphrase',
      (file) => [`encryption: {keys: [{name: a, passphrase: {file: ${JSON.stringify(file)}}, active: true}]}`],
    ],
    ['CREDPLEX_ENCRYPTION_KEY_FILE', (file) => ['', { CREDPLEX_ENCRYPTION_KEY_FILE: file }]],
    ['database.url', (file) => [`database: {url: {file: ${JSON.stringify(file)}}}`]],
    ['CREDPLEX_DATABASE_URL_FILE', (file) => ['', { CREDPLEX_DATABASE_URL_FILE: file }]],
    ['vault.openbao.token', (file) => [`vault: {openbao: {token: {file: ${JSON.stringify(file)}}}}`]],
    ['CREDPLEX_OPENBAO_TOKEN_FILE', (file) => ['', { CREDPLEX_OPENBAO_TOKEN_FILE: file }]],
    ['tls.private_key', (file) => [`tls: {certificate: /c.pem, private_key: ${JSON.stringify(file)}}`]],
  ];
  const strictly = ([yaml = '', env = {}]: Parameters<typeof faults>) =>
    [`${yaml}\nfiles: {strict: true}`, env] as const;

  test.each(ways)('%s: refused where others can write it, and the command named mends it', (setting, way) => {
    for (const mode of [0o660, 0o666, 0o602]) {
      const file = put(join(home, 'key'), mode);
      expect(found(...way(file))).toEqual([['refused', file]]);
      expect(faults(...way(file))[0]?.text).toContain(`${setting}: ${file} can be changed by others`);
      mend(...way(file));
      expect(found(...way(file)).filter(([verdict]) => verdict === 'refused')).toEqual([]);
    }
  });

  test.each(ways)('%s: a warning where others can read it, refused with files.strict', (setting, way) => {
    for (const mode of [0o440, 0o644, 0o640, 0o604]) {
      const file = put(join(home, 'key'), mode);
      expect(found(...way(file))).toEqual([['warning', file]]);
      expect(faults(...way(file))[0]?.text).toContain(`${setting}: ${file} can be read by others`);
      expect(found(...strictly(way(file)))).toEqual([['refused', file]]);
      mend(...way(file));
      expect(found(...strictly(way(file)))).toEqual([]);
    }
  });

  test.each([
    ['encryption.keys.0.passphrase', 'encryption: {keys: [{name: a, passphrase: secret, active: true}]}'],
    ['database.url', 'database: {url: "postgres://user:secret@host/name"}'],
    ['database.url', 'database: {url: "postgres:///name?host=/run&password=secret"}'],
    ['vault.openbao.token', 'vault: {openbao: {address: "http://127.0.0.1", token: secret}}'],
  ])('%s in the settings file makes that a key file', (setting, text) => {
    const path = put(join(home, 'credplex.yml'), 0o660);
    const judged = (yaml = text) =>
      accessFaults(loadConfig({ env: {}, file: { path, text: yaml }, readFile: String }), data);
    expect(judged()).toMatchObject([
      { verdict: 'refused', text: expect.stringContaining(`${setting}: ${path} can be`) },
    ]);
    chmodSync(path, 0o644);
    expect(judged()).toMatchObject([{ verdict: 'warning', file: path }]);
    expect(judged(`${text}\nfiles: {strict: true}`)).toMatchObject([{ verdict: 'refused', file: path }]);
    expect(judged('database: {url: "postgres://user@host:5432/name"}')).toEqual([]);
  });

  test('by a symbolic link, as secrets are mounted, is judged by where it leads', () => {
    const file = put(join(home, 'mounted'), 0o440);
    const link = join(data, 'link.key');
    symlinkSync(file, link);
    expect(found('', { CREDPLEX_ENCRYPTION_KEY_FILE: link })).toEqual([['warning', link]]);
  });

  test('that is no file, or missing, is for whoever reads it to report', () => {
    expect(found('encryption: {keys: [{name: a, file: /dev/null, active: true}]}')).toEqual([]);
    expect(found('encryption: {keys: [{name: a, file: /nowhere/key, active: true}]}')).toEqual([]);
  });
});
