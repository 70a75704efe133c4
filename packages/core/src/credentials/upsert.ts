/**
 * The flow of set and generate (docs/contribute/architecture.md): read once, check permissions, return the stored
 * version if the mode says so, else generate, seal, and write on the condition that nothing changed meanwhile. When the
 * stored version satisfies the mode, nothing is generated. No database connection is held during generation.
 */

import { accessOf, auditOf, type Caller, isAllowed } from '../caller.ts';
import { CredError } from '../errors.ts';
import { checkNewName, isTooLongForNew } from '../identifiers/name.ts';
import type { Grant } from '../ports/permissions.ts';
import type { SignerState, VersionRow, WriteRequest, WriteView } from '../ports/records.ts';
import type { CredentialContent, GeneratePlan, SetPlan, SigningCa } from '../types/credential-type.ts';
import type { KnownNames } from './known-names.ts';
import { returnsStored } from './modes.ts';
import { openValue, storedOf, viewOf } from './open.ts';
import type { Mode } from './request.ts';
import { writeVersion } from './seal.ts';
import type { CredentialDeps, CredentialView } from './service.ts';
import { otherSigner, resolveSigner, signerKey } from './signer.ts';

/** After this many conflicting writes the request fails with `unavailable`, and the caller may retry. */
const ATTEMPTS = 50;

export interface Upsert {
  readonly name: string;
  readonly type: string;
  readonly mode: Mode;
  readonly metadata: string | null;
  readonly grants: readonly Grant[];
  readonly action: 'SET' | 'GENERATE';
  readonly plan: SetPlan | GeneratePlan;
}

export interface UpsertDeps extends CredentialDeps {
  readonly knownNames: KnownNames;
}

/** Writes a version, or returns the stored one, as the mode demands. @throws CredError */
export async function upsert(deps: UpsertDeps, caller: Caller, request: Upsert): Promise<CredentialView> {
  const makeOnce = memoizeBySigner(request);
  const optimistic = optimisticExpectation(deps, request);
  if (optimistic) {
    const view = await write(deps, caller, request, await makeOnce(undefined), optimistic);
    if (view) return view;
  }
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const done = await readAndWrite(deps, caller, request, makeOnce);
    if (done) return done;
  }
  throw new CredError('unavailable');
}

/**
 * Returns the condition of an optimistic write, which needs one statement instead of two; undefined if the stored row
 * must be read first. The write itself reports missing permissions, another type, and an existing name.
 */
function optimisticExpectation(deps: UpsertDeps, { plan, mode, name }: Upsert): 'any' | 'absent' | undefined {
  const mayFail = !isGeneration(plan) && plan.fault !== undefined;
  const simple =
    !deps.vault.remote && !mayFail && plan.ca === undefined && !plan.isOversized && !isTooLongForNew(name, deps.level);
  if (!simple || !(plan.isCheap || (mode === 'overwrite' && !isGeneration(plan)))) return undefined;
  if (mode === 'overwrite') return 'any';
  return deps.knownNames.has(name) ? undefined : 'absent';
}

function isGeneration(plan: SetPlan | GeneratePlan): plan is GeneratePlan {
  return 'converges' in plan;
}

/** Reuses the value of a write that lost a conflict, unless the signing CA has changed. */
function memoizeBySigner({ plan, name }: Upsert): (ca: SigningCa | undefined) => Promise<CredentialContent> {
  let last: { made: CredentialContent; signedWith: string } | undefined;
  return async (ca) => {
    const signedWith = signerKey(ca);
    if (last?.signedWith !== signedWith) last = { made: await plan.make(name, ca), signedWith };
    return last.made;
  };
}

/** Returns undefined when the name changed between read and write. */
async function readAndWrite(
  deps: UpsertDeps,
  caller: Caller,
  request: Upsert,
  makeOnce: (ca: SigningCa | undefined) => Promise<CredentialContent>,
): Promise<CredentialView | undefined> {
  const access = accessOf(deps, caller);
  const { plan, name, mode } = request;
  const view = await deps.records.viewForWrite({ access, name, signer: plan.ca });
  if (view.credential) deps.knownNames.add(name);
  const ca = await authorizeAndResolveCa(deps, caller, request, view);
  const current = view.active ?? view.transitional;
  const stored = view.active && storedOf(deps.vault, view.active);
  const converges = isGeneration(plan) ? plan.converges : undefined;
  if (current && returnsStored(mode, current, converges, stored, ca))
    return returnStored(deps, caller, request, current);
  if (plan.isOversized) throw new CredError('exceeds_maximum_size');
  const signer = otherSigner(ca, view.credential);
  return write(deps, caller, request, await makeOnce(ca), expectationFor(mode, view), signer);
}

function expectationFor(mode: Mode, { credential }: WriteView): WriteRequest['expect'] {
  if (credential === undefined) return 'absent';
  return { credentialId: credential.id, seq: mode === 'overwrite' ? null : credential.seq };
}

/**
 * Checks in CredHub's order: permission, faults that only a writer may see, the CA, the type (recorded:
 * several-faults).
 */
async function authorizeAndResolveCa(
  deps: CredentialDeps,
  caller: Caller,
  request: Upsert,
  view: WriteView,
): Promise<SigningCa | undefined> {
  const access = accessOf(deps, caller);
  const mayCreate = view.credential === undefined && deps.level.creation === 'anyone_and_owns';
  if (!mayCreate && !isAllowed(access, view.held, 'write')) throw new CredError('credential_not_writable');
  const { plan } = request;
  if (!isGeneration(plan) && plan.fault) throw plan.fault;
  const ca =
    plan.ca === undefined
      ? undefined
      : await resolveSigner(deps, view.signer, { unreadable: 'ca_not_found', needsKey: isGeneration(plan) });
  if (ca && !isGeneration(plan)) plan.checkCa?.(ca);
  if (view.credential !== undefined && view.credential.type !== request.type) throw new CredError('type_mismatch');
  if (view.credential === undefined) checkNewName(request.name, deps.level);
  return ca;
}

/**
 * Returns the stored version instead of a new one. Write permission is enough, as with CredHub
 * (docs/reference/credhub-server.md#refusals).
 */
async function returnStored(
  deps: CredentialDeps,
  caller: Caller,
  { plan, action, name }: Upsert,
  row: VersionRow,
): Promise<CredentialView> {
  const value = await openValue(deps.vault, row);
  await deps.readAudit.append(auditOf(deps, caller, { action, resource: name, versionId: row.id }));
  const made = isGeneration(plan) ? plan.existing?.(storedOf(deps.vault, row)) : undefined;
  return viewOf(deps, row, value, made);
}

/** Returns undefined when the expectation does not hold. Then nothing was written and nothing is left in the vault. */
async function write(
  deps: CredentialDeps,
  caller: Caller,
  request: Upsert,
  made: CredentialContent,
  expect: WriteRequest['expect'],
  signer?: SignerState,
): Promise<CredentialView | undefined> {
  const { name, type, grants, action } = request;
  const result = await writeVersion(deps, made, request.metadata, (versionId) => ({
    access: accessOf(deps, caller),
    name,
    type,
    creation: deps.level.creation,
    grants,
    expect,
    signer,
    audit: auditOf(deps, caller, { action, resource: name, versionId, details: { type } }),
  }));
  if (result.outcome === 'written') return viewOf(deps, result.row, made.value, made.certificate);
  if (result.outcome === 'changed') return undefined;
  throw new CredError(result.outcome === 'type_mismatch' ? 'type_mismatch' : 'credential_not_writable');
}
