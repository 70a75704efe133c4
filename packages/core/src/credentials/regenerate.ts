/** Regenerates a credential with the parameters of its newest version (docs/reference/credhub-server.md#regenerate). */

import { accessOf, auditOf, type Caller, isAllowed } from '../caller.ts';
import { CredError } from '../errors.ts';
import { checkName, isStorable, withSlash } from '../identifiers/name.ts';
import { strictForm } from '../json/leniencies.ts';
import { objectOf, readFields } from '../json/read.ts';
import type { JsonNode, JsonObject } from '../json/tree.ts';
import type { Access } from '../ports/permissions.ts';
import type { VersionRow, WriteView } from '../ports/records.ts';
import type { CredentialContent, GeneratePlan } from '../types/credential-type.ts';
import { givenText, text } from '../types/fields.ts';
import { findType } from '../types/index.ts';
import { storedOf, viewOf } from './open.ts';
import { anyField, isMetadataTooLong, metadataText, nameField } from './request.ts';
import { writeVersion } from './seal.ts';
import type { CredentialDeps, CredentialView } from './service.ts';
import { otherSigner, resolveSigner, signerKey } from './signer.ts';
import { toolsOf } from './tools.ts';

export const regenerateFields = { name: givenText('missing_name'), metadata: anyField };

const REGENERATE_LENIENCIES = ['wordAsBoolean', 'integerAsBoolean'] as const;
/** The deprecated form. */
export const regenerateByDataFields = {
  name: nameField,
  metadata: anyField,
  regenerate: {
    read: anyField.read,
    shape: { type: 'boolean', leniencies: REGENERATE_LENIENCIES, values: [true], required: true } as const,
  },
  type: text({ description: 'Ignored' }),
};

/**
 * POST /api/v1/regenerate. At level 2, CredHub uses the name unchanged (recorded). We add the leading slash to a name
 * of one segment, because spring-credhub sends such names without it.
 */
export async function regenerateCredential(
  deps: CredentialDeps,
  caller: Caller,
  body: JsonNode,
): Promise<CredentialView> {
  const read = readFields(objectOf(body), regenerateFields);
  if (read.name === undefined || read.name === null) throw new CredError('missing_name');
  const takesSlash = deps.level.regeneratePrependsSlash || /^[^/]+$/.test(read.name);
  const name = takesSlash ? withSlash(read.name) : read.name;
  if (!name.startsWith('/')) await refuseWithoutSlash(deps, accessOf(deps, caller), name);
  return regenerate(deps, caller, name, metadataText(read.metadata));
}

/**
 * Returns whether POST /api/v1/data is the deprecated form of regenerate: `regenerate` is true, "true", or an integer
 * other than 0. With false, null or their equivalents it is a generate request with an unknown key.
 * @throws CredError `bad_request` for any other value
 */
export function isRegenerate({ entries }: JsonObject): boolean {
  const given = strictForm(entries.get('regenerate') ?? false, REGENERATE_LENIENCIES);
  if (typeof given === 'boolean') return given;
  throw new CredError('bad_request');
}

/**
 * POST /api/v1/data with `regenerate`. Adds the leading slash and checks the syntax of the name, but not its length.
 * `type` is ignored.
 */
export function regenerateByData(deps: CredentialDeps, caller: Caller, body: JsonObject): Promise<CredentialView> {
  const read = readFields(body, regenerateByDataFields);
  return regenerate(deps, caller, checkName(read.name), metadataText(read.metadata));
}

/** Refuses a name that no credential can have. Only the entry `/*` applies to it. */
async function refuseWithoutSlash(deps: CredentialDeps, access: Access, name: string): Promise<never> {
  const mayKnow =
    access.actor === null ||
    deps.level.creation === 'anyone_and_owns' ||
    (isStorable(name) && (await deps.permissions.held({ actor: access.actor, path: `/${name}` })).has('write'));
  throw new CredError(mayKnow ? 'credential_not_found' : 'credential_not_writable');
}

/** After this many conflicting writes the request fails with `unavailable`, and the caller may retry. */
const ATTEMPTS = 20;

/** A value that a lost conflict leaves, and what it was made from. */
interface Regenerated {
  readonly basis: string;
  readonly made: CredentialContent;
}

async function regenerate(
  deps: CredentialDeps,
  caller: Caller,
  name: string,
  metadata: string | null,
): Promise<CredentialView> {
  const access = accessOf(deps, caller);
  if (!isStorable(name)) return refuseWithoutSlash(deps, access, name);
  let last: Regenerated | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const view = await deps.records.viewForWrite({ access, name, signer: 'stored' });
    const { credential, plan, base } = await planRegeneration(deps, access, view);
    const rules = { unreadable: 'credential_not_found', needsKey: true } as const;
    const ca = plan.ca === undefined ? undefined : await resolveSigner(deps, view.signer, rules);
    if (isMetadataTooLong(metadata)) throw new CredError('exceeds_maximum_size');
    const basis = `${base.id} ${signerKey(ca)}`;
    if (last?.basis !== basis) last = { basis, made: await plan.make(credential.name, ca) };
    const { made } = last;
    const result = await writeVersion(deps, made, metadata, (versionId) => ({
      access,
      name,
      type: credential.type,
      creation: deps.level.creation,
      grants: [],
      expect: { credentialId: credential.id, seq: null },
      signer: otherSigner(ca, credential),
      audit: auditOf(deps, caller, { action: 'REGENERATE', resource: name, versionId }),
    }));
    if (result.outcome === 'written') return viewOf(deps, result.row, made.value, made.certificate);
    // The name was deleted, which the next read shows, or its CA changed.
    if (result.outcome !== 'changed') throw new CredError('credential_not_writable');
  }
  throw new CredError('unavailable');
}

/** Returns the newest version, transitional or not (docs/reference/ca-rotation.md#regenerate). */
function newestOf({ active, transitional }: WriteView): VersionRow | undefined {
  const newer = active && transitional && transitional.seq > active.seq;
  return newer ? transitional : (active ?? transitional);
}

async function planRegeneration(
  deps: CredentialDeps,
  access: Access,
  view: WriteView,
): Promise<{ credential: NonNullable<WriteView['credential']>; plan: GeneratePlan; base: VersionRow }> {
  const { credential } = view;
  const hidden = credential !== undefined || deps.level.creation === 'needs_write';
  if (hidden && !isAllowed(access, view.held, 'write')) throw new CredError('credential_not_writable');
  if (credential === undefined) throw new CredError('credential_not_found');
  const generation = findType(credential.type)?.generation;
  if (generation === undefined) throw new CredError('invalid_type_with_regenerate_prompt');
  const base = newestOf(view);
  if (base === undefined) throw new CredError('ca_not_found');
  return { credential, plan: await generation.regenerate(storedOf(deps.vault, base), toolsOf(deps)), base };
}
