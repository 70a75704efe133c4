/** Deletes a version of a certificate, together with the copies that its children get. */
import type { CertificateDeletion, CredentialRecords } from '@credplex/core';
import { writeAudit } from '../audit/audit-event.ts';
import { DELETE, holds, pathsOf } from '../permissions/operations.ts';
import type { Transaction } from '../postgres/database.ts';
import { dropIntents } from '../vault/intents.ts';
import { insertAll, lockExpected, refreshNames, requireSeqs } from './certificate-writes.ts';
import { loadSealed } from './sealed-column.ts';
import { toVersion, type VersionRecord, versionColumnsOfMany } from './version-row.ts';

type Deleted = Awaited<ReturnType<CredentialRecords['deleteCertificateVersion']>>;

export async function removeVersion(tx: Transaction, request: CertificateDeletion): Promise<Deleted> {
  const { access, credentialId, versionId, writes, audit } = request;
  const locked = await lockExpected(tx, [request, ...writes]);
  const [allowed] = await tx.run(
    `select from credential c where c.id = $2 and c.type = 'certificate' and ${holds('$1', pathsOf('c.name'), DELETE)}`,
    [access.actor, credentialId],
  );
  if (!allowed) return { outcome: 'missing' };
  const rows = await tx.run<VersionRecord>(
    `select ${versionColumnsOfMany('v.seq desc')} from credential_version v join credential c on c.id = v.credential_id where c.id = $1`,
    [credentialId],
  );
  const row = rows.find(({ id }) => id === versionId.toLowerCase());
  if (!row) return { outcome: 'missing' };
  if (rows.length === 1) return { outcome: 'last' };
  requireSeqs(locked, [request, ...writes]);
  const deleted = toVersion(row);
  // Fetched while it is there: the answer shows the value.
  const sealed =
    deleted.sealed.deferredBytes === undefined ? deleted.sealed : await loadSealed({ slowQuery: tx.run }, row.id);
  await tx.run('delete from credential_version where id = $1', [row.id]);
  const credential = locked.get(row.credential_id);
  if (credential) credential.seq += 1;
  await insertAll(tx, locked, writes);
  await refreshNames(tx, locked);
  await dropIntents(tx, [{ id: row.id, keyId: row.key_id }]);
  await writeAudit(tx, audit);
  return { outcome: 'deleted', row: { ...deleted, sealed } };
}
