/** `@credplex/pki`: X.509 for the domain and the server. It hides node-forge and node:crypto's certificates. */
import type { Pki } from '@credplex/core';
import { isAlternativeName, normaliseAlternativeName } from './alternative-names.ts';
import { type IssueDeps, issue } from './issue.ts';
import { isSignedBy, parse } from './parse.ts';
import { privateKeyMatches, publicKeyLength } from './private-key.ts';
import { encodeSubject, nameKey, readName } from './x500-name.ts';

export { type ClientIdentity, clientIdentity } from './client-identity.ts';
export {
  createCertificateAuthority,
  type Identity,
  issueServerCertificate,
  needsRenewal,
} from './server-identity.ts';

/** `entropy` is used for serial numbers. */
export type PkiDeps = IssueDeps;

/**
 * Creates an implementation of the domain's {@link Pki} port.
 * @example
 * const pki = createPki({ entropy: systemEntropy });
 */
export function createPki(deps: PkiDeps): Pki {
  return {
    issue: (request) => issue(deps, request),
    parse,
    isSignedBy,
    privateKeyMatches,
    isAlternativeName,
    subjectKey: (subject) => nameKey(readName(encodeSubject(subject))),
    normaliseAlternativeName,
    publicKeyLength,
  };
}
