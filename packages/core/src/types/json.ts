import { jsonSecret } from '../json/large-text.ts';
import { type CredentialType, NO_PLAIN_PARTS } from './credential-type.ts';

/** Any JSON except null, normalised as CredHub does (docs/reference/credhub-server.md#type-json). */
export const jsonType = {
  name: 'json',
  label: 'JSON',
  position: 2,
  value: { type: 'any', flag: { name: 'value', char: 'v', summary: 'The value', prompt: 'shown' } },
  shown: { type: 'any' },
  set(value) {
    const make = () => ({ value: jsonSecret(value), plain: NO_PLAIN_PARTS });
    return () => ({ isOversized: false, isCheap: true, make });
  },
} as const satisfies CredentialType;
