/** Selects the version of a CA that signs (docs/reference/credhub-server.md#signing-ca). */
import { CredError } from '../errors.ts';
import { parseJson } from '../json/parse.ts';
import { JsonObject } from '../json/tree.ts';
import { PkiError } from '../ports/pki.ts';
import type { SignerState, SignerView, VersionRow } from '../ports/records.ts';
import { type Secret, secret } from '../secret.ts';
import type { SigningCa } from '../types/credential-type.ts';
import { openValue } from './open.ts';
import type { CredentialDeps } from './service.ts';

export interface SignerRules {
  /** The error for a caller who may not read the CA; undefined: read permission is not required. */
  readonly unreadable: 'ca_not_found' | 'credential_not_found' | undefined;
  readonly needsKey: boolean;
  /** Whether the transitional version signs when it is newer than the active one. */
  readonly allowTransitional?: boolean;
}

/**
 * Returns the CA that signs.
 * @throws CredError `rules.unreadable`, `ca_not_found`, `cert_not_ca`, `ca_missing_private_key`
 */
export async function resolveSigner(
  deps: Pick<CredentialDeps, 'vault' | 'pki'>,
  view: SignerView | undefined,
  rules: SignerRules,
): Promise<SigningCa> {
  if (view && !view.readable && rules.unreadable) throw new CredError(rules.unreadable);
  const signing = view && signingVersion(view, rules);
  const certificate = signing?.certificate?.certificate;
  if (!view || !signing || !certificate) throw new CredError('ca_not_found');
  if (!isCa(deps, certificate)) throw new CredError('cert_not_ca');
  const privateKey = rules.needsKey ? await privateKeyOf(deps, signing) : undefined;
  if (rules.needsKey && privateKey === undefined) throw new CredError('ca_missing_private_key');
  return { name: view.name, certificate, trusted: siblingOf(view, signing), privateKey, state: stateOf(view) };
}

const stateOf = ({ credentialId, active, transitional }: SignerView): SignerState => ({
  credentialId,
  activeId: active?.id ?? null,
  transitionalId: transitional?.id ?? null,
});

function signingVersion(view: SignerView, rules: SignerRules): VersionRow | undefined {
  const { active, transitional } = view;
  const newer = rules.allowTransitional && active && transitional && transitional.seq > active.seq;
  return newer ? transitional : active;
}

function isCa(deps: Pick<CredentialDeps, 'pki'>, certificate: string): boolean {
  try {
    return deps.pki.parse(certificate).isCa;
  } catch (error) {
    if (error instanceof PkiError) return false;
    throw error;
  }
}

async function privateKeyOf(deps: Pick<CredentialDeps, 'vault'>, row: VersionRow): Promise<Secret | undefined> {
  return privateKeyIn(await openValue(deps.vault, row));
}

/** Returns the private key in the value of a certificate; undefined if it has none. */
export function privateKeyIn(document: Secret): Secret | undefined {
  const value = parseJson(document.reveal());
  const key = value instanceof JsonObject ? value.entries.get('private_key') : undefined;
  return typeof key === 'string' && key !== '' ? secret(key) : undefined;
}

/** Returns the other version of a rotating CA. It is stored even while `certificates.concatenate_cas` is off. */
function siblingOf(
  { active, transitional }: Pick<SignerView, 'active' | 'transitional'>,
  signing: VersionRow,
): string | null {
  const sibling = signing === active ? transitional : active;
  return sibling?.certificate?.certificate ?? null;
}

/**
 * Returns what a write requires of its CA. A certificate that names itself as its CA has the condition on its own row.
 */
export const otherSigner = (
  ca: SigningCa | undefined,
  own: { readonly id: string } | undefined,
): SignerState | undefined => (ca?.state?.credentialId === own?.id ? undefined : ca?.state);

/** Returns a key that is equal for two CAs if and only if certificates signed by them would store the same CAs. */
export function signerKey(ca: SigningCa | undefined): string {
  return JSON.stringify([ca?.certificate, ca?.trusted]);
}
