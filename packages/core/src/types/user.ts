import { CredError } from '../errors.ts';
import { cryptPassword } from '../generators/crypt-pool.ts';
import { randomUsername } from '../generators/password.ts';
import { MAX_HASHED_BYTES, randomSalt } from '../generators/sha512-crypt.ts';
import { objectOf, readFields } from '../json/read.ts';
import type { JsonNode } from '../json/tree.ts';
import { secret } from '../secret.ts';
import {
  type CredentialContent,
  type CredentialType,
  exceedsTextLimit,
  type GeneratePlan,
  NO_PLAIN_PARTS,
  type Tools,
} from './credential-type.ts';
import { ignored, objectShape, requiredText, strictText, text } from './fields.ts';
import {
  areSameParameters,
  checkPasswordParameters,
  generatePassword,
  PASSWORD_FLAG,
  type PasswordParameters,
  passwordFields,
  readPasswordParameters,
  readStoredParameters,
  storedParameters,
} from './password-parameters.ts';

const valueFields = {
  username: strictText({ maxLength: 7000, flag: { char: 'z', summary: 'User name' } }),
  password: requiredText('missing_password', { flag: PASSWORD_FLAG }),
  password_hash: ignored,
  salt: ignored,
};

/** The deprecated way to give the user name in a generate request. */
const generateValueFields = { username: text() };

/** Computes the hash once, when the version is created, so that reads return stored text. */
async function buildContent(
  user: { username: string | null; password: string },
  parameters: string | null,
  tools: Tools,
): Promise<CredentialContent> {
  const password_hash = await cryptPassword(user.password, randomSalt(tools.entropy));
  return {
    value: secret(JSON.stringify({ username: user.username, password: user.password, password_hash })),
    plain: { ...NO_PLAIN_PARTS, parameters, username: user.username },
  };
}

/** @param username of the new version; null: random */
function plan(parameters: PasswordParameters, username: string | null, tools: Tools): GeneratePlan {
  return {
    isOversized: exceedsTextLimit(username),
    isCheap: false,
    make: () =>
      buildContent(
        {
          username: username ?? randomUsername(tools.entropy),
          password: generatePassword(parameters, tools.entropy),
        },
        storedParameters(parameters),
        tools,
      ),
    converges: (stored) => areSameParameters(parameters, stored.plain.parameters),
  };
}

function readOldValue(node: JsonNode) {
  return readFields(objectOf(node), generateValueFields);
}

type UserRequest = {
  readonly parameters?: PasswordParameters;
  readonly value?: ReturnType<typeof readOldValue>;
};

/** `value.username` wins over `parameters.username`, even when it is empty. */
function withOldValue({ parameters = readPasswordParameters(undefined), value }: UserRequest): PasswordParameters {
  const username = value?.username ?? parameters.username;
  return { ...parameters, username };
}

/** A user name and a password (docs/reference/credhub-server.md#type-user). */
export const userType = {
  name: 'user',
  label: 'User',
  position: 4,
  value: objectShape(valueFields),
  shown: {
    type: 'object',
    fields: {
      username: { type: 'string', nullable: true },
      password: { type: 'string' },
      password_hash: { type: 'string' },
    },
  },
  set(value, tools) {
    // Only for this type, CredHub reports an unknown key after all other fields have been read.
    const read = readFields(objectOf(value), valueFields, { beforeUnknown: () => {} });
    return () => {
      const { password } = read;
      if (password === undefined || password === null || password === '') throw new CredError('missing_password');
      const username = read.username || null;
      const tooLong = exceedsTextLimit(username) || Buffer.byteLength(password) > MAX_HASHED_BYTES;
      return { isOversized: tooLong, isCheap: false, make: () => buildContent({ username, password }, null, tools) };
    };
  },
  generation: {
    parameters: passwordFields,
    // `parameters: null` means absent (docs/reference/divergences.md#types).
    readParameters: readPasswordParameters,
    value: { ...objectShape(generateValueFields), description: 'Deprecated: the user name' },
    readValue: readOldValue,
    check(request: UserRequest, tools) {
      const parameters = withOldValue(request);
      checkPasswordParameters(parameters);
      return () => plan(parameters, parameters.username, tools);
    },
    regenerate(stored, tools) {
      if (stored.plain.parameters === null) throw new CredError('cannot_regenerate_non_generated_user');
      return plan(readStoredParameters(stored.plain.parameters), stored.plain.username, tools);
    },
  },
} as const satisfies CredentialType;
