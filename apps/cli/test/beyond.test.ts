import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type CliSession, logIn } from './support/cli-session.ts';
import { type Server, startServer } from './support/credplex-process.ts';

let server: Server;
let cli: CliSession;

beforeAll(async () => {
  server = await startServer(2);
  cli = await logIn(server);
});
afterAll(async () => {
  cli?.remove();
  await server?.stop();
});

async function certificateOf(name: string): Promise<X509Certificate> {
  return new X509Certificate(await cli.ok('get', '-n', name, '-k', 'certificate'));
}

describe('a login', () => {
  test('lives on when many commands refresh it at the same time', async () => {
    const runs = await Promise.all(Array.from({ length: 20 }, () => cli.run(['--token'])));
    expect(new Set(runs.map(({ stdout }) => stdout)).size).toBe(20);
    await cli.ok('--token');
    await cli.ok('find');
  });
});

describe('certificates', () => {
  beforeAll(async () => {
    await cli.ok('generate', '-n', '/list/ca', '-t', 'certificate', '-c', 'ca', '--is-ca', '-d', '400');
    await cli.ok('generate', '-n', '/list/leaf', '-t', 'certificate', '-c', 'leaf', '--ca', '/list/ca', '-d', '20');
  });

  test('shows expiry, signer and state of each', async () => {
    const { certificates } = parse(await cli.ok('certificates'));
    expect(certificates).toContainEqual({
      name: '/list/leaf',
      expiry_date: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      signed_by: '/list/ca',
      certificate_authority: false,
      self_signed: false,
      transitional: null,
    });
    expect(certificates).toContainEqual(expect.objectContaining({ name: '/list/ca', certificate_authority: true }));
  });

  test('lists only what expires within the days asked for', async () => {
    const names = async (...words: readonly string[]): Promise<string[]> =>
      parse(await cli.ok('certificates', ...words)).certificates.map(({ name }: { name: string }) => name);
    expect(await names('--expires-within', '30d')).toEqual(['/list/leaf']);
    expect(await names('--expires-within', '10')).toEqual([]);
    expect((await cli.run(['certificates', '--expires-within', 'soon'])).exit).toBe(1);
  });
});

describe('rotate-ca', () => {
  const verifies = async (leaf: string, ca: string): Promise<boolean> =>
    (await certificateOf(leaf)).verify((await certificateOf(ca)).publicKey);
  const stage = async (): Promise<string> => JSON.parse(await cli.ok('rotate-ca', '/rot/ca', '-j')).stage;

  test('walks from the old CA to the new one, and every chain verifies after every step', async () => {
    await cli.ok('generate', '-n', '/rot/ca', '-t', 'certificate', '-c', 'ca', '--is-ca');
    await cli.ok('generate', '-n', '/rot/int', '-t', 'certificate', '-c', 'int', '--is-ca', '--ca', '/rot/ca');
    await cli.ok('generate', '-n', '/rot/leaf', '-t', 'certificate', '-c', 'leaf', '--ca', '/rot/int');
    const old = await certificateOf('/rot/ca');
    expect(await stage()).toBe('idle');
    const next = (step: number): string => `Next command:\n  credhub rotate-ca -n /rot/ca --step --only ${step}\n`;
    expect(await cli.ok('rotate-ca', '/rot/ca')).toContain(next(1));

    const introduced = await cli.ok('rotate-ca', '/rot/ca', '--step');
    expect(introduced).toContain('Step 1 of 4 is done');
    expect(introduced).toContain(next(2));
    expect(await stage()).toBe('introduced');
    expect((await certificateOf('/rot/ca')).fingerprint).toBe(old.fingerprint);
    expect(await verifies('/rot/int', '/rot/ca')).toBe(true);

    expect(await cli.ok('rotate-ca', '/rot/ca', '--step')).toContain('Certificates that still need it:\n  /rot/int\n');
    expect(await stage()).toBe('switched');
    expect((await certificateOf('/rot/int')).verify(old.publicKey)).toBe(true);

    expect(await cli.ok('rotate-ca', '/rot/ca')).toContain(next(3));
    expect(await cli.ok('rotate-ca', '/rot/ca', '--step')).toContain('Step 3 of 4 is done');
    expect(await cli.ok('rotate-ca', '/rot/ca')).toContain(next(4));
    expect(await verifies('/rot/int', '/rot/ca')).toBe(true);
    expect(await verifies('/rot/leaf', '/rot/int')).toBe(true);

    const finished = await cli.ok('rotate-ca', '-n', '/rot/ca', '--step');
    expect(finished).toContain('the rotation is complete');
    expect(finished).not.toContain('Next command');
    expect(await stage()).toBe('idle');
    expect((await certificateOf('/rot/ca')).fingerprint).not.toBe(old.fingerprint);
  });

  test('does not wait for a certificate that has moved to another CA, nor for what that one signed', async () => {
    await cli.ok('generate', '-n', '/left/ca', '-t', 'certificate', '-c', 'ca', '--is-ca');
    await cli.ok('generate', '-n', '/left/other', '-t', 'certificate', '-c', 'other', '--is-ca');
    await cli.ok('generate', '-n', '/left/stays', '-t', 'certificate', '-c', 'stays', '--ca', '/left/ca');
    for (const ca of ['/left/ca', '/left/other']) {
      await cli.ok('generate', '-n', '/left/int', '-t', 'certificate', '-c', 'int', '--is-ca', '--ca', ca);
    }
    await cli.ok('rotate-ca', '/left/ca', '--step', '--only', '1');
    await cli.ok('rotate-ca', '/left/ca', '--step', '--only', '2');
    const status = async (): Promise<unknown> => JSON.parse(await cli.ok('rotate-ca', '/left/ca', '-j'));
    expect(await status()).toMatchObject({ stage: 'switched', outstanding: ['/left/stays'] });
    await cli.ok('regenerate', '-n', '/left/stays');
    expect(await status()).toMatchObject({ stage: 'regenerated' });
  });

  test('a step that is named may be repeated and is never followed by the next', async () => {
    await cli.ok('generate', '-n', '/rep/ca', '-t', 'certificate', '-c', 'ca', '--is-ca');
    await cli.ok('generate', '-n', '/rep/leaf', '-t', 'certificate', '-c', 'leaf', '--ca', '/rep/ca');
    const versions = async (): Promise<unknown> => JSON.parse(await cli.ok('rotate-ca', '/rep/ca', '-j')).versions;
    const step = ['rotate-ca', '/rep/ca', '--step', '--only'];
    expect((await cli.run([...step, '2'])).stderr).toContain('Step 1 comes before step 2.');
    for (const number of ['1', '2', '3', '4']) {
      await cli.ok(...step, number);
      const after = await versions();
      await cli.ok(...step, number);
      expect(await versions()).toEqual(after);
    }
    expect((await cli.run([...step, '5'])).stderr).toContain('The --only flag takes a step, 1 to 4');
    expect((await cli.run(['rotate-ca', '/rep/ca', '--only', '1'])).exit).toBe(1);
  });

  test('refuses what is no CA, and what is not there', async () => {
    await cli.ok('generate', '-n', '/rot/other', '-t', 'certificate', '-c', 'x', '--self-sign');
    expect((await cli.run(['rotate-ca', '/rot/other', '--step'])).stderr).toContain(
      '/rot/other is no certificate authority.',
    );
    expect(await cli.run(['rotate-ca', '/rot/nope'])).toMatchObject({ exit: 1, stdout: '' });
    expect((await cli.run(['rotate-ca'])).stderr).toContain('The name of a CA must be provided.');
  });
});

describe('get --key', () => {
  test('reaches into nested objects and lists, and prefers a field that is really named so', async () => {
    await cli.ok('set', '-n', '/deep', '-t', 'json', '-v', '{"a":{"b":[{"c":"found"}]},"a.b":"plain","n":{"x":7}}');
    expect(await cli.ok('get', '-n', '/deep', '-k', 'a.b.0.c')).toBe('found\n');
    expect(await cli.ok('get', '-n', '/deep', '-k', 'a.b')).toBe('plain\n');
    expect(await cli.ok('get', '-n', '/deep', '-k', 'n.x', '-j')).toBe('7\n');
    expect(await cli.ok('get', '-n', '/deep', '-k', 'a.b.9')).toBe('');
  });
});

describe('import', () => {
  test('goes on with --resume where it failed, and says how many are set', async () => {
    const file = join(cli.home, 'resume.yml');
    const entry = (name: string, type: string): string => `- name: ${name}\n  type: ${type}\n  value: x\n`;
    writeFileSync(
      file,
      `credentials:\n${entry('/res/a', 'value')}${entry('/res/taken', 'value')}${entry('/res/b', 'value')}`,
    );
    await cli.ok('set', '-n', '/res/taken', '-t', 'password', '-w', 'x');
    const first = await cli.run(['import', '-f', file]);
    expect(first.exit).toBe(1);
    expect(first.stdout).toContain('Successfully set: 2\nFailed to set: 1\n');
    const before = parse(await cli.ok('get', '-n', '/res/a')).id;
    await cli.ok('delete', '-n', '/res/taken');
    expect(await cli.ok('import', '-f', file, '--resume')).toBe(
      'Import complete.\nSuccessfully set: 3\nFailed to set: 0\n',
    );
    expect(parse(await cli.ok('get', '-n', '/res/a')).id).toBe(before);
    // Without the flag a second run sets everything again, as scripts expect.
    await cli.ok('import', '-f', file);
    expect(parse(await cli.ok('get', '-n', '/res/a')).id).not.toBe(before);
  });
});

describe('what is stored comes back', () => {
  const jsonValue = fc.oneof(
    fc.dictionary(fc.string({ unit: 'grapheme', maxLength: 8 }), fc.jsonValue({ maxDepth: 3 }), {
      minKeys: 1,
      maxKeys: 5,
    }),
    fc.array(fc.jsonValue({ maxDepth: 2 }), { minLength: 1, maxLength: 4 }),
  );
  const read = async (name: string): Promise<unknown> => JSON.parse(await cli.ok('get', '-n', name, '-j')).value;

  test('any JSON value set, got, exported as YAML or JSON, and imported, is equal', async () => {
    const property = fc.asyncProperty(jsonValue, async (value) => {
      const text = JSON.stringify(value);
      const wanted = JSON.parse(text.toWellFormed());
      await cli.ok('set', '-n', '/round/json', '-t', 'json', `--value=${text}`);
      expect(await read('/round/json')).toEqual(wanted);
      for (const flags of [[], ['-j']]) {
        await cli.ok('export', '-p', '/round', '-f', 'round.file', ...flags);
        await cli.ok('delete', '-n', '/round/json');
        await cli.ok('import', '-f', 'round.file', ...flags);
        expect(await read('/round/json')).toEqual(wanted);
      }
    });
    await fc.assert(property, { numRuns: 25 });
  });

  test('any PEM is equal after a set from a file, an export and an import', async () => {
    const pem = fc.tuple(
      fc.constantFrom('RSA PRIVATE KEY', 'PRIVATE KEY', 'OPENSSH PRIVATE KEY'),
      fc.array(fc.base64String({ minLength: 4, maxLength: 64 }), { minLength: 1, maxLength: 6 }),
      fc.constantFrom('', '\n', '\n\n', '\r\n'),
    );
    const property = fc.asyncProperty(pem, async ([label, lines, end]) => {
      const text = `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----${end}`;
      writeFileSync(join(cli.home, 'key.pem'), text);
      await cli.ok('set', '-n', '/pem/key', '-t', 'ssh', '-u', 'ssh-rsa AAAA', '-p', 'key.pem');
      await cli.ok('export', '-p', '/pem', '-f', 'pem.yml');
      await cli.ok('delete', '-n', '/pem/key');
      await cli.ok('import', '-f', 'pem.yml');
      expect(((await read('/pem/key')) as { private_key: string }).private_key).toBe(text);
      expect(readFileSync(join(cli.home, 'pem.yml'), 'utf8')).toContain('/pem/key');
    });
    await fc.assert(property, { numRuns: 15 });
  });
});
