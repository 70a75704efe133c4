/** Deletes a version of a certificate, together with the copies that its children get. */
import type { CertificateDeletion, CredentialRecords } from '@credplex/core';
import { eq, sql } from 'drizzle-orm';
import { writeAudit } from '../audit/audit-event.ts';
import { DELETE, holds, pathsOf } from '../permissions/operations.ts';
import type { Transaction } from '../postgres/database.ts';
import { select } from '../postgres/fragments.ts';
import { defineStatement, type Parameters } from '../postgres/statement.ts';
import { credential, credentialVersion } from '../schema/index.ts';
import { insertDestroyIntents } from '../vault/intents.ts';
import { insertAll, lockExpected, refreshNames, requireSeqs } from './certificate-writes.ts';
import { loadSealed } from './sealed-column.ts';
import { requireCopies } from './signer-lock.ts';
import { c, v } from './tables.ts';
import { toVersion, type VersionRecord, versionColumnsOfMany } from './version-row.ts';

type Deleted = Awaited<ReturnType<CredentialRecords['deleteCertificateVersion']>>;

const MAY_DELETE = defineStatement(
  (p: Parameters<{ id: string; actor: string | null }>) => sql`select from ${credential} ${c}
    where ${c.id} = ${p.id} and ${c.type} = 'certificate' and ${holds(p.actor, pathsOf(sql`${c.name}`), DELETE)}`,
);
const VERSIONS = defineStatement(
  (p: Parameters<{ id: string }>) => sql<VersionRecord>`
    select ${select(versionColumnsOfMany(sql`${v.seq} desc`))} from ${credentialVersion} ${v}
    join ${credential} ${c} on ${c.id} = ${v.credentialId} where ${c.id} = ${p.id}`,
);

export async function removeVersion(tx: Transaction, request: CertificateDeletion): Promise<Deleted> {
  const { access, credentialId, versionId, copiesChildrenOf, writes, audit } = request;
  const locked = await lockExpected(tx, [request, ...writes]);
  const [allowed] = await tx.run(MAY_DELETE, { id: credentialId, actor: access.actor });
  if (!allowed) return { outcome: 'missing' };
  const rows = await tx.run(VERSIONS, { id: credentialId });
  const row = rows.find(({ id }) => id === versionId.toLowerCase());
  if (!row) return { outcome: 'missing' };
  if (rows.length === 1) return { outcome: 'last' };
  requireSeqs(locked, [request, ...writes]);
  await requireCopies(tx, copiesChildrenOf, writes);
  const deleted = toVersion(row);
  // Fetched while it is there: the answer shows the value.
  const sealed = deleted.sealed.deferredBytes === undefined ? deleted.sealed : await loadSealed(tx.run, row.id);
  await tx.queries.delete(credentialVersion).where(eq(credentialVersion.id, row.id));
  const name = locked.get(row.credentialId);
  if (name) name.seq += 1;
  await insertAll(tx, locked, writes);
  await refreshNames(tx, locked);
  await insertDestroyIntents(tx, [{ id: row.id, keyId: row.keyId }]);
  await writeAudit(tx, audit);
  return { outcome: 'deleted', row: { ...deleted, sealed } };
}
