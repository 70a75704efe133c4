/** Adds a version to a stored certificate with optimistic concurrency: a conflicting write causes a retry. */
import { accessOf, auditOf, type Caller, isAllowed } from '../caller.ts';
import { SIGNER_ONLY, viewOf } from '../credentials/open.ts';
import { sealVersion } from '../credentials/seal.ts';
import type { CredentialDeps, CredentialView } from '../credentials/service.ts';
import { CredError } from '../errors.ts';
import { readUuid } from '../identifiers/uuid.ts';
import type { CertificateWrite, SignerState, WriteView } from '../ports/records.ts';
import type { CredentialContent } from '../types/credential-type.ts';
import { abandonWrites, type ChildWrite, childAudit, childWrites, copiesChildrenOf } from './children.ts';

const ATTEMPTS = 20;

export interface WritableCertificate extends WriteView {
  readonly credential: NonNullable<WriteView['credential']>;
}

/**
 * Returns the certificate if the caller may write it.
 * @throws CredError `credential_not_found`, `credential_not_writable`
 */
export async function writableCertificate(
  deps: CredentialDeps,
  caller: Caller,
  credentialId: string,
  signer?: 'stored',
): Promise<WritableCertificate> {
  const access = accessOf(deps, caller);
  const id = readUuid(credentialId);
  const view = id === undefined ? undefined : await deps.records.viewCertificate({ access, credentialId: id, signer });
  if (view?.credential === undefined) throw new CredError('credential_not_found');
  if (!isAllowed(access, view.held, 'write')) throw new CredError('credential_not_writable');
  return { ...view, credential: view.credential };
}

export interface AddedContent extends CredentialContent {
  /** The CA whose versions must not change until the version is stored. */
  readonly signer?: SignerState | undefined;
}

export interface VersionAddition {
  readonly credentialId: string;
  readonly signer?: 'stored' | undefined;
  readonly transitional: boolean;
  readonly metadata: string | null;
  readonly action: string;
  /** Whether the response shows only the signing CA, without the trusted one. */
  readonly signerOnly?: boolean;
  make(view: WritableCertificate): Promise<AddedContent>;
}

/** Refuses a second transitional version. @throws CredError `too_many_transitional_versions` */
export function checkTransitional(transitional: boolean, view: WriteView): void {
  if (transitional && view.transitional) throw new CredError('too_many_transitional_versions');
}

/**
 * Adds a version and resolves to it. `make` must call {@link checkTransitional} on the view that it receives: it runs
 * again after a conflict, so that concurrent callers cannot both add a transitional version.
 * @throws CredError `credential_not_found`, `credential_not_writable`, `unavailable` after repeated conflicts
 */
export async function addVersion(
  deps: CredentialDeps,
  caller: Caller,
  addition: VersionAddition,
): Promise<CredentialView> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const view = await writableCertificate(deps, caller, addition.credentialId, addition.signer);
    const made = await addition.make(view);
    const done = await store(deps, caller, addition, view, made);
    if (done) return done;
  }
  throw new CredError('unavailable');
}

async function store(
  deps: CredentialDeps,
  caller: Caller,
  addition: VersionAddition,
  { credential, active }: WritableCertificate,
  made: AddedContent,
): Promise<CredentialView | undefined> {
  const { version, intent } = await sealVersion(deps, made, addition.metadata);
  const own: CertificateWrite = { credentialId: credential.id, expectSeq: credential.seq, version, intent };
  const children = await childrenOf(deps, addition, own, credential.name, active);
  const writes = [own, ...children];
  const audit = auditOf(deps, caller, {
    action: addition.action,
    resource: credential.name,
    versionId: version.id,
    details: { transitional: addition.transitional },
  });
  const result = await deps.records.changeCertificates({
    access: accessOf(deps, caller),
    needWrite: [credential.name],
    signers: made.signer ? [made.signer] : [],
    copiesChildrenOf: addition.transitional ? copiesChildrenOf(deps, credential.name) : undefined,
    writes,
    audit: [audit, ...childAudit(deps, caller, children, { action: addition.action, ca: credential.name })],
  });
  if (result.outcome === 'written') {
    const row = result.rows.find(({ id }) => id === version.id);
    if (row) return viewOf(addition.signerOnly ? SIGNER_ONLY : deps, row, made.value, made.certificate);
    throw new CredError('internal');
  }
  await abandonWrites(deps, writes);
  if (result.outcome === 'denied') throw new CredError('credential_not_writable');
  return undefined;
}

/** Returns copies of the certificates that the CA signed, which then trust its new transitional version as well. */
async function childrenOf(
  deps: CredentialDeps,
  addition: VersionAddition,
  own: CertificateWrite,
  caName: string,
  active: WriteView['active'],
): Promise<ChildWrite[]> {
  if (!addition.transitional) return [];
  const pair = {
    active: active?.certificate?.certificate ?? null,
    transitional: own.version.certificate?.certificate ?? null,
  };
  try {
    return await childWrites(deps, caName, pair);
  } catch (error) {
    await abandonWrites(deps, [own]);
    throw error;
  }
}
