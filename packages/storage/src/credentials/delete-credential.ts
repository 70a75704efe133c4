import { type CredentialRecords, permissionPaths } from '@credplex/core';
import { eq, sql } from 'drizzle-orm';
import { writeAudit } from '../audit/audit-event.ts';
import { DELETE, holds } from '../permissions/operations.ts';
import type { Database } from '../postgres/database.ts';
import { defineStatement, type Parameters } from '../postgres/statement.ts';
import { lowerName, storable, textArray } from '../postgres/text.ts';
import { credential, credentialVersion, permission } from '../schema/index.ts';
import { insertDestroyIntents } from '../vault/intents.ts';
import { c } from './tables.ts';

/** The row of the name, locked, if the actor may delete it. */
const LOCK_DELETABLE = defineStatement(
  (p: Parameters<{ nameLower: string; actor: string | null; paths: string }>) => sql<{ id: string }>`
    select ${c.id} from ${credential} ${c}
    where ${c.nameLower} = ${p.nameLower} and ${holds(p.actor, sql`${p.paths}::text[]`, DELETE)} for update`,
);

export function createCredentialDelete(db: Database): CredentialRecords['delete'] {
  return async ({ access, name, dropPermissions, audit }) => {
    if (!storable(name)) return { deleted: false };
    const nameLower = lowerName(name);
    const paths = textArray(permissionPaths(name));
    return db.transaction(async (tx) => {
      const [found] = await tx.run(LOCK_DELETABLE, { nameLower, actor: access.actor, paths });
      if (!found) return { deleted: false };
      const versions = await tx.queries
        .delete(credentialVersion)
        .where(eq(credentialVersion.credentialId, found.id))
        .returning({ id: credentialVersion.id, keyId: credentialVersion.keyId });
      await tx.queries.delete(credential).where(eq(credential.id, found.id));
      // In any spelling: permissions compare with the spelling of the request, so each of them would open the next owner's value.
      if (dropPermissions) await tx.queries.delete(permission).where(eq(sql`lower(${permission.path})`, nameLower));
      await insertDestroyIntents(tx, versions);
      await writeAudit(tx, [audit]);
      return { deleted: true, credentialId: found.id, versions };
    });
  };
}
