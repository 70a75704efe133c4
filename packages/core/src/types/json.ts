import { jsonText } from '../json/text.ts';
import { secret } from '../secret.ts';
import { type CredentialType, NO_PLAIN_PARTS } from './credential-type.ts';

/** Any JSON but null, normalised as CredHub does (docs/reference/credhub-server.md#type-json). */
export const jsonType = {
  name: 'json',
  value: { type: 'any' },
  set(value) {
    const make = () => ({ value: secret(jsonText(value)), plain: NO_PLAIN_PARTS });
    return () => ({ oversized: false, cheap: true, make });
  },
} as const satisfies CredentialType;
