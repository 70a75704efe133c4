import { type CredentialRecords, permissionPaths } from '@credplex/core';
import { writeAudit } from '../audit/audit-event.ts';
import { DELETE, holds } from '../permissions/operations.ts';
import type { Database } from '../postgres/database.ts';
import { lowerName, storable, textArray } from '../postgres/text.ts';
import { dropIntents } from '../vault/intents.ts';

export function createCredentialDelete(db: Database): CredentialRecords['delete'] {
  return async ({ access, name, dropPermissions, audit }) => {
    if (!storable(name)) return { deleted: false };
    const lower = lowerName(name);
    return db.transaction(async (tx) => {
      const [credential] = await tx.run<{ id: string }>(
        `select id from credential where name_lower = $1 and ${holds('$2', '$3::text[]', DELETE)} for update`,
        [lower, access.actor, textArray(permissionPaths(name))],
      );
      if (!credential) return { deleted: false };
      const versions = await tx.run<{ id: string; key_id: string }>(
        'delete from credential_version where credential_id = $1 returning id, key_id',
        [credential.id],
      );
      await tx.run('delete from credential where id = $1', [credential.id]);
      // In any spelling: permissions compare with the spelling of the request, so each of them would open the next owner's value.
      if (dropPermissions) await tx.run('delete from permission where lower(path) = $1', [lower]);
      const gone = versions.map((version) => ({ id: version.id, keyId: version.key_id }));
      await dropIntents(tx, gone);
      await writeAudit(tx, [audit]);
      return { deleted: true, credentialId: credential.id, versions: gone };
    });
  };
}
