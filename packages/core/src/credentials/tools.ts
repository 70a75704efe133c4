import type { Tools } from '../types/credential-type.ts';
import type { CredentialDeps } from './service.ts';

/** Returns what a credential type may use of the dependencies: no records and no vault. */
export function toolsOf({ entropy, clock, pki, level, certificates }: CredentialDeps): Tools {
  return { entropy, clock, pki, level, certificates };
}
