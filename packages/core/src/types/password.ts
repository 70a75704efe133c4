import { CredError } from '../errors.ts';
import { jsonSecret } from '../json/large-text.ts';
import { secret } from '../secret.ts';
import { type CredentialType, type GeneratePlan, NO_PLAIN_PARTS, type Tools } from './credential-type.ts';
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

function plan(parameters: PasswordParameters, tools: Tools): GeneratePlan {
  return {
    isOversized: false,
    isCheap: true,
    make: async () => ({
      value: secret(JSON.stringify(generatePassword(parameters, tools.entropy))),
      plain: { ...NO_PLAIN_PARTS, parameters: storedParameters(parameters) },
    }),
    converges: (stored) => areSameParameters(parameters, stored.plain.parameters),
  };
}

/** A text that is set or generated (docs/reference/credhub-server.md#type-password). */
export const passwordType = {
  name: 'password',
  label: 'Password',
  position: 3,
  value: {
    type: 'string',
    minLength: 1,
    refusals: { empty: 'missing_value' },
    flag: PASSWORD_FLAG,
  },
  shown: { type: 'string' },
  set(value) {
    if (typeof value !== 'string') throw new CredError('bad_request');
    return () => {
      if (value === '') throw new CredError('missing_value');
      return {
        isOversized: false,
        isCheap: true,
        make: () => ({ value: jsonSecret(value), plain: NO_PLAIN_PARTS }),
      };
    };
  },
  generation: {
    parameters: passwordFields,
    readParameters: readPasswordParameters,
    check({ parameters = readPasswordParameters(undefined) }: { parameters?: PasswordParameters }, tools) {
      checkPasswordParameters(parameters);
      return () => plan(parameters, tools);
    },
    regenerate(stored, tools) {
      if (stored.plain.parameters === null) throw new CredError('cannot_regenerate_non_generated_password');
      return plan(readStoredParameters(stored.plain.parameters), tools);
    },
  },
} as const satisfies CredentialType;
