import { describe, expect, test } from 'vitest';
import { systemClock, systemEntropy } from '../generators/system.ts';
import { parseJson } from '../json/parse.ts';
import { KEY_TYPES } from '../key-algorithms/index.ts';
import { LEVELS } from '../level.ts';
import type { CredentialContent, CredentialType, GeneratePlan, Stored, Tools } from './credential-type.ts';
import { keyForRegeneration, matchesRequestedKey, readKeyParameters, withLength } from './key-parameters.ts';
import { sshType } from './ssh.ts';

const tools: Tools = {
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
function refusal(code: string) {
  return expect.objectContaining({ code });
}

describe('key_type and key_length', () => {
  test.each([
    [{}, { type: 'rsa', bits: 2048 }],
    [{ key_length: 4096 }, { type: 'rsa', bits: 4096 }],
    [
      { key_type: 'rsa', key_length: 3072 },
      { type: 'rsa', bits: 3072 },
    ],
    [{ key_type: null }, { type: 'rsa', bits: 2048 }],
    [{ key_type: 'ecdsa-p256' }, { type: 'ecdsa-p256', bits: 256 }],
    [{ key_type: 'ecdsa-p384' }, { type: 'ecdsa-p384', bits: 384 }],
    [{ key_type: 'ed25519' }, { type: 'ed25519', bits: 256 }],
  ])('%j asks for %j', (read, key) => {
    expect(readKeyParameters(read, KEY_TYPES)).toMatchObject(key);
  });
  test.each([
    [{ key_type: 'ecdsa-p256', key_length: 2048 }, 'invalid_key_length'],
    [{ key_type: 'ecdsa-p384', key_length: 384 }, 'invalid_key_length'],
    [{ key_type: 'ed25519', key_length: 0 }, 'invalid_key_length'],
    [{ key_type: 'rsa', key_length: 1024 }, 'invalid_key_length'],
    [{ key_type: '' }, 'invalid_key_type'],
    [{ key_type: 'RSA' }, 'invalid_key_type'],
    [{ key_type: 'dsa', key_length: 1 }, 'invalid_key_type'],
  ])('%j is refused with %s', (read, code) => {
    expect(() => readKeyParameters(read, KEY_TYPES)).toThrow(refusal(code));
  });
});

test('converge compares the type only when it is sent, and a length that is sent names an RSA key', () => {
  const p256 = { type: 'ecdsa-p256', bits: 256 };
  const ed25519 = { type: 'ed25519', bits: 256 };
  const rsa = { type: 'rsa', bits: 2048 };
  const asked = (parameters: Parameters<typeof readKeyParameters>[0]) => readKeyParameters(parameters, KEY_TYPES);
  const taken = (parameters: Parameters<typeof readKeyParameters>[0]) =>
    [rsa, { type: 'rsa', bits: 4096 }, p256, ed25519, { type: undefined, bits: 521 }].map((stored) =>
      matchesRequestedKey(asked(parameters), stored),
    );
  expect(taken({})).toEqual([true, false, true, true, false]);
  expect(taken({ key_length: 2048 })).toEqual([true, false, false, false, false]);
  expect(taken({ key_length: 4096 })).toEqual([false, true, false, false, false]);
  expect(taken({ key_type: 'rsa' })).toEqual([true, false, false, false, false]);
  expect(taken({ key_type: 'ecdsa-p256' })).toEqual([false, false, true, false, false]);
  expect(taken({ key_type: 'ed25519' })).toEqual([false, false, false, true, false]);
});

test('a regenerated key is like the stored one, or the default where no key_type generates such a key', () => {
  expect(keyForRegeneration({ type: 'ecdsa-p384', bits: 384 })).toEqual({ type: 'ecdsa-p384', bits: 384 });
  expect(keyForRegeneration({ type: 'rsa', bits: 3072 })).toEqual({ type: 'rsa', bits: 3072 });
  expect(keyForRegeneration({ type: 'rsa', bits: 1000 })).toEqual({ type: 'rsa', bits: 2048 });
  expect(keyForRegeneration({ type: 'rsa', bits: 1000 }, () => 1024)).toEqual({ type: 'rsa', bits: 1024 });
  expect(keyForRegeneration({ type: undefined, bits: 521 })).toEqual({ type: 'rsa', bits: 2048 });
  expect(keyForRegeneration(undefined)).toEqual({ type: 'rsa', bits: 2048 });
});

test('another length is for RSA keys only, and one that is kept must be a length that can be asked for', () => {
  expect(withLength({ type: 'rsa', bits: 2048 }, 4096)).toEqual({ type: 'rsa', bits: 4096 });
  expect(withLength({ type: 'ed25519', bits: 256 }, undefined)).toEqual({ type: 'ed25519', bits: 256 });
  for (const [key, length] of [
    [{ type: 'ed25519', bits: 256 }, 2048],
    [{ type: 'rsa', bits: 1024 }, undefined],
    [{ type: 'rsa', bits: 2048 }, 1],
  ] as const) {
    expect(() => withLength(key, length)).toThrow(refusal('invalid_key_length'));
  }
});

describe('of type ssh', () => {
  const plan = (parameters: unknown): GeneratePlan =>
    sshType.generation.check({
      parameters: sshType.generation.readParameters(parseJson(JSON.stringify(parameters))),
    })();
  const stored = (made: CredentialContent): Stored => ({
    name: '/x',
    plain: made.plain,
    open: async () => parseJson(made.value.reveal()),
  });
  const shown = (made: CredentialContent): Record<string, string> => JSON.parse(made.value.reveal());

  test.each(['ecdsa-p256', 'ecdsa-p384', 'ed25519'])(
    'a regenerated %s key is another key of its type and comment',
    async (key_type) => {
      const made = await plan({ key_type, ssh_comment: 'my key' }).make('/x');
      const next = await sshType.generation.regenerate(stored(made)).make('/x');
      expect(shown(next).public_key).not.toBe(shown(made).public_key);
      for (const parameters of [{ key_type }, {}]) {
        expect(plan({ ...parameters, ssh_comment: 'my key' }).converges(stored(next))).toBe(true);
      }
      expect(plan({ key_type }).converges(stored(next))).toBe(false);
      expect(plan({ key_type: 'rsa', ssh_comment: 'my key' }).converges(stored(next))).toBe(false);
      expect(plan({ key_length: 2048, ssh_comment: 'my key' }).converges(stored(next))).toBe(false);
    },
  );

  test('a generated key of every type has a fingerprint; an Ed25519 key that was set has none, as with CredHub', async () => {
    const made = shown(await plan({ key_type: 'ed25519' }).make('/x'));
    expect(made.public_key_fingerprint).toMatch(/^[A-Za-z0-9+/]{43}$/);
    const { public_key, private_key } = made;
    const type: CredentialType = sshType;
    const set = await type
      .set(parseJson(JSON.stringify({ public_key, private_key })), tools)()
      .make('/x');
    expect(shown(set)).toEqual({ public_key, private_key, public_key_fingerprint: null });
  });
});
