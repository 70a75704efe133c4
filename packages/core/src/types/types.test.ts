import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { sha512Crypt } from '../generators/sha512-crypt.ts';
import { systemClock, systemEntropy } from '../generators/system.ts';
import { parseJson } from '../json/parse.ts';
import type { JsonNode } from '../json/tree.ts';
import { LEVELS } from '../level.ts';
import { PkiError } from '../ports/pki.ts';
import { certificateType } from './certificate.ts';
import type { CredentialContent, CredentialType, GeneratePlan, Stored, Tools } from './credential-type.ts';
import { CREDENTIAL_TYPES, findType } from './index.ts';

const tools: Tools = {
  // None of these types asks it anything; rsa and certificate are tested where a Pki is
  // (packages/pki/test/core-types.test.ts).
  pki: undefined as never,
  clock: systemClock,
  entropy: systemEntropy,
  level: LEVELS[2],
  certificates: {
    concatenateCas: false,
    caMinimumDurationInDays: 0,
    leafMinimumDurationInDays: 0,
    enableDefaultCaKeyUsages: false,
  },
};

function typeNamed(name: string): CredentialType {
  return findType(name) ?? expect.fail(name);
}

function set(type: string, value: unknown) {
  return typeNamed(type).set(parseJson(JSON.stringify(value)), tools)();
}

function plan(type: string, parameters?: unknown, value?: unknown): GeneratePlan {
  const generation = typeNamed(type).generation ?? expect.fail(type);
  const read = (of: unknown, reader: ((node: JsonNode) => unknown) | undefined) =>
    of === undefined ? undefined : reader?.(parseJson(JSON.stringify(of)));
  return generation.check(
    { parameters: read(parameters, generation.readParameters), value: read(value, generation.readValue) },
    tools,
  )();
}

function stored(made: CredentialContent): Stored {
  return {
    name: '/x',
    plain: made.plain,
    open: async () => parseJson(made.value.reveal()),
  };
}

async function regenerate(type: string, made: CredentialContent): Promise<CredentialContent> {
  return (await (typeNamed(type).generation ?? expect.fail(type)).regenerate(stored(made), tools)).make('/x');
}

function shown(made: CredentialContent): Record<string, string> {
  return JSON.parse(made.value.reveal());
}

function refusal(code: string) {
  return expect.objectContaining({ code });
}

describe('the table of types', () => {
  test('has the seven types of CredHub in the order of its texts, found in any case', () => {
    expect(CREDENTIAL_TYPES.map(({ name }) => name)).toEqual([
      'value',
      'json',
      'password',
      'user',
      'certificate',
      'ssh',
      'rsa',
    ]);
    expect(findType('PassWord')?.name).toBe('password');
    expect(findType('secret')).toBeUndefined();
  });
});

describe('set', () => {
  test.each([
    ['value', '', 'missing_value'],
    ['value', 5, 'bad_request'],
    ['password', true, 'bad_request'],
    ['password', '', 'missing_value'],
    ['user', 'x', 'bad_request'],
    ['user', {}, 'missing_password'],
    ['user', { password: '' }, 'missing_password'],
    ['user', { username: 5, password: 'p' }, 'bad_request'],
    ['user', { password: 'p', x: 1 }, 'invalid_json_key'],
    ['rsa', { public_key: 5 }, 'bad_request'],
    ['rsa', {}, 'missing_rsa_ssh_parameters'],
    ['rsa', { public_key: 'a', public_key_fingerprint: 'b' }, 'invalid_json_key'],
    ['ssh', { public_key: '', private_key: '' }, 'missing_rsa_ssh_parameters'],
  ])('of %s refuses %j with %s', (type, value, code) => {
    expect(() => set(type, value)).toThrow(refusal(code));
  });
  test('keeps any JSON as it was, written again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        fc.pre(value !== null);
        const made = await set('json', value).make('/x');
        expect(JSON.parse(made.value.reveal())).toEqual(JSON.parse(JSON.stringify(value).replaceAll('-0,', '0,')));
      }),
    );
  });
  test('of a user takes a numeric password as text, an empty name as none, and adds the hash', async () => {
    const { username, password, password_hash } = shown(
      await set('user', { username: '', password: 34, salt: 'x' }).make('/x'),
    );
    expect([username, password]).toEqual([null, '34']);
    expect(sha512Crypt('34', (password_hash ?? '').split('$')[2] ?? '')).toBe(password_hash);
  });
  test('of a key pair keeps the order of the parts and puts null for what is absent', async () => {
    const made = await set('ssh', { private_key: 'b', public_key_fingerprint: 'mine' }).make('/x');
    expect(made.value.reveal()).toBe('{"public_key":null,"private_key":"b","public_key_fingerprint":null}');
  });
  test('finds texts over the columns of user names and public keys oversized', () => {
    const long = 'x'.repeat(7001);
    expect(set('user', { username: long, password: 'p' }).isOversized).toBe(true);
    expect(set('rsa', { public_key: long }).isOversized).toBe(true);
    expect(['x', 'é'].map((c) => set('user', { password: c.repeat(16_384) }).isOversized)).toEqual([false, true]);
    expect(set('ssh', { private_key: long }).isOversized).toBe(false);
  });
});

describe('passwords converge', () => {
  const cases: [unknown, unknown, boolean][] = [
    [undefined, undefined, true],
    [undefined, {}, true],
    [undefined, null, true],
    [{ length: 20 }, { length: 20 }, true],
    [{ length: '20' }, { length: 20.9 }, true],
    [{ length: 20 }, { length: 21 }, false],
    [{ length: 12 }, {}, false],
    [{ length: 2 }, { length: 30 }, true],
    [{ length: 2 }, { length: 2 }, false],
    [{ length: 201 }, { length: 201 }, false],
    [{ exclude_upper: true }, { exclude_lower: true }, false],
    [{ exclude_upper: false }, {}, true],
    [{ include_special: true }, {}, false],
    [{ username: 'bob' }, {}, false],
    [{ username: 'bob' }, { username: 'bob' }, true],
  ];
  test.each(cases)('made with %j, asked with %j: %j', async (made, asked, same) => {
    expect(plan('password', asked).converges(stored(await plan('password', made).make('/x')))).toBe(same);
  });
  test('never with one set by hand', async () => {
    expect(plan('password').converges(stored(await set('password', 'p').make('/x')))).toBe(false);
  });
});

describe('password', () => {
  test('is regenerated with the length and classes it has; one set by hand is not', async () => {
    const made = await plan('password', { length: 17, exclude_upper: true, include_special: true }).make('/x');
    const next = await regenerate('password', made);
    expect(JSON.parse(next.value.reveal())).toMatch(/^(?=.*[a-z])(?=.*[0-9])(?=.*[^a-z0-9])[^A-Z]{17}$/);
    expect(next.plain.parameters).toBe(made.plain.parameters);
    await expect(regenerate('password', await set('password', 'p').make('/x'))).rejects.toThrow(
      refusal('cannot_regenerate_non_generated_password'),
    );
  });
  test.each([
    [{ exclude_upper: true, exclude_lower: true, exclude_number: true }, 'excludes_all_charsets'],
    [{ length: null }, 'bad_request'],
    [{ exclude_upper: null }, 'bad_request'],
    [{ length: 99999999999 }, 'bad_request'],
    [{ only_hex: true }, 'invalid_json_key'],
    ['x', 'bad_request'],
    [[], 'bad_request'],
  ])('refuses the parameters %j with %s', (parameters, code) => {
    expect(() => plan('password', parameters)).toThrow(refusal(code));
  });
});

describe('user', () => {
  test('is named by value.username before parameters.username, by neither at random; null parameters are none', async () => {
    const name = async (parameters?: unknown, value?: unknown) =>
      shown(await plan('user', parameters, value).make('/x')).username;
    expect(await name({ username: 'bob' }, { username: 'alice' })).toBe('alice');
    expect(await name({ username: 'bob' }, { username: '' })).toBe('');
    expect(await name({ username: 'bob' }, {})).toBe('bob');
    expect(await name({ username: 12 })).toBe('12');
    expect(await name(null)).toMatch(/^[A-Za-z]{20}$/);
    expect(() => plan('user', {}, null)).toThrow(refusal('bad_request'));
    expect(() => plan('user', {}, { username: 'a', password: 'b' })).toThrow(refusal('invalid_json_key'));
  });
  test('converges by the name that was asked for', async () => {
    const named = stored(await plan('user', { username: 'bob' }).make('/x'));
    const unnamed = stored(await plan('user').make('/x'));
    expect([plan('user', { username: 'bob' }).converges(named), plan('user').converges(named)]).toEqual([true, false]);
    expect([plan('user').converges(unnamed), plan('user', { username: 'bob' }).converges(unnamed)]).toEqual([
      true,
      false,
    ]);
  });
  test('keeps its name when it is regenerated and goes on converging', async () => {
    const made = await plan('user').make('/x');
    const next = await regenerate('user', made);
    expect(shown(next).username).toBe(shown(made).username);
    expect(shown(next).password).not.toBe(shown(made).password);
    expect(plan('user').converges(stored(next))).toBe(true);
    await expect(regenerate('user', await set('user', { password: 'p' }).make('/x'))).rejects.toThrow(
      refusal('cannot_regenerate_non_generated_user'),
    );
  });
});

describe('ssh', () => {
  test('keeps length and comment when it is regenerated', async () => {
    const asked = { key_length: 3072, ssh_comment: 'my comment' };
    const made = await plan('ssh', asked).make('/x');
    const next = await regenerate('ssh', made);
    expect(plan('ssh', asked).converges(stored(next))).toBe(true);
    expect(next.plain.publicKey).not.toBe(made.plain.publicKey);
  });
  test('without a comment converges with none and with an empty one, not with null', async () => {
    const made = stored(await plan('ssh').make('/x'));
    const comments = [undefined, {}, { ssh_comment: '' }, { ssh_comment: ' ' }, { ssh_comment: null }];
    expect(comments.map((asked) => plan('ssh', asked).converges(made))).toEqual([true, true, true, true, false]);
  });
  test('that is junk never converges and is regenerated with 2048 bits', async () => {
    const junk = await set('ssh', { public_key: 'junk' }).make('/x');
    expect(plan('ssh').converges(stored(junk))).toBe(false);
    expect(plan('ssh').converges(stored(await regenerate('ssh', junk)))).toBe(true);
  });
  test.each([0, 1024, 2047, 8192])('of %d bits is refused, as rsa is', (key_length) => {
    expect(() => plan('rsa', { key_length })).toThrow(refusal('invalid_key_length'));
    expect(() => plan('ssh', { key_length })).toThrow(refusal('invalid_key_length'));
  });
  test('has a comment, rsa has none', () => {
    expect(() => plan('rsa', { ssh_comment: 'x' })).toThrow(refusal('invalid_json_key'));
  });
});

describe('lists of a certificate request', () => {
  const pki = { isAlternativeName: () => expect.fail('an element was looked at') } as unknown as Tools['pki'];
  const certificate = (parameters: unknown) => () =>
    certificateType.generation.check(
      { parameters: certificateType.generation.readParameters(parseJson(JSON.stringify(parameters))) },
      { ...tools, pki },
    )();

  test.each([
    ['alternative_names', 1000],
    ['key_usage', 64],
    ['extended_key_usage', 64],
  ])('%s: more than %i are too large, before any is looked at', (field, most) => {
    const list = (length: number) => ({ common_name: 'a', self_sign: true, [field]: new Array(length).fill('a') });
    expect(certificate(list(most + 1))).toThrow(refusal('exceeds_maximum_size'));
    expect(certificate(list(most))).not.toThrow(refusal('exceeds_maximum_size'));
  });

  test.each(['certificate', 'ca', 'private_key'])('%s: more than 100 PEM objects in it are too large', (field) => {
    const text = (count: number) => '-----BEGIN X-----\n'.repeat(count);
    const parse = vi.fn(() => {
      throw new PkiError('certificate_value');
    });
    const setting = (count: number) => () =>
      certificateType.set(parseJson(JSON.stringify({ certificate: 'c', [field]: text(count) })), {
        ...tools,
        pki: { ...pki, parse },
      })();
    expect(setting(101)).toThrow(refusal('exceeds_maximum_size'));
    expect(parse).not.toHaveBeenCalled();
    expect(setting(100)).toThrow(refusal('invalid_certificate_value'));
  });
});
