import { CredError } from '../errors.ts';
import { jsonSecret } from '../json/large-text.ts';
import { type CredentialType, NO_PLAIN_PARTS } from './credential-type.ts';

/** Any text, stored and returned unchanged (docs/reference/credhub-server.md#type-value). */
export const valueType = {
  name: 'value',
  label: 'Value',
  position: 1,
  value: {
    type: 'string',
    minLength: 1,
    refusals: { empty: 'missing_value' },
    flag: { name: 'value', char: 'v', summary: 'The value', prompt: 'shown' },
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
} as const satisfies CredentialType;
