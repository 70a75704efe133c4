import { accessOf, auditOf, type Caller } from '../caller.ts';
import { CredError } from '../errors.ts';
import { canExist, withSlash } from '../identifiers/name.ts';
import type { DeletedVersion } from '../ports/records.ts';
import { mapBounded } from './map-bounded.ts';
import { refOf, VAULT_WIDTH } from './open.ts';
import type { CredentialDeps } from './service.ts';

/** DELETE /api/v1/data: deletes a name with all its versions. */
export async function deleteCredential(deps: CredentialDeps, caller: Caller, requestedName: string): Promise<void> {
  const name = withSlash(requestedName);
  if (!canExist(name)) throw new CredError('credential_not_found');
  const result = await deps.records.delete({
    access: accessOf(deps, caller),
    name,
    dropPermissions: deps.level.deleteDropsPermissions,
    audit: auditOf(deps, caller, { action: 'DELETE', resource: name }),
  });
  if (!result.deleted) throw new CredError('credential_not_found');
  await destroyVersions(deps, result.versions);
}

/** Destroys the values of deleted rows in a remote vault. A failure is retried later by `sweepIntents`. */
export async function destroyVersions(deps: CredentialDeps, versions: readonly DeletedVersion[]): Promise<void> {
  if (!deps.vault.remote) return;
  await mapBounded(versions, VAULT_WIDTH, async ({ id, keyId }) => {
    try {
      await deps.vault.destroy(refOf(id), keyId);
    } catch {
      // The sweeper retries.
    }
  });
}
