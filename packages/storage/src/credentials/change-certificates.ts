/** Changes to several certificates, or to which version is which: real transactions, unlike the hot write. */
import { type CertificateChange, type CredentialRecords, permissionPaths, type VersionRow } from '@credplex/core';
import { writeAudit } from '../audit/audit-event.ts';
import { WRITE } from '../permissions/operations.ts';
import type { Database, Transaction } from '../postgres/database.ts';
import { isUuid, textArray } from '../postgres/text.ts';
import { insertAll, lockExpected, Refused, refreshNames, requireSeqs } from './certificate-writes.ts';
import { removeVersion } from './delete-version.ts';

async function requireWrite(tx: Transaction, actor: string | null, names: readonly string[]): Promise<void> {
  if (actor === null || names.length === 0) return;
  const candidates = names.map((name) => permissionPaths(name));
  const rows = await tx.run<{ path: string }>(
    `select path from permission where actor = $1 and operations & ${WRITE} <> 0 and path = any($2::text[])`,
    [actor, textArray([...new Set(candidates.flat())])],
  );
  const held = new Set(rows.map((row) => row.path));
  if (!candidates.every((paths) => paths.some((path) => held.has(path)))) throw new Refused('denied');
}

async function change(tx: Transaction, request: CertificateChange): Promise<VersionRow[]> {
  const { access, needWrite, transitional, writes, audit } = request;
  const expected = [...writes, ...(transitional ? [transitional] : [])];
  const locked = await lockExpected(tx, expected);
  await requireWrite(tx, access.actor, needWrite);
  requireSeqs(locked, expected);
  if (transitional) {
    const { credentialId, versionId } = transitional;
    const marked = await tx.run<{ id: string; transitional: boolean }>(
      `update credential_version set transitional = (id is not distinct from $2::uuid)
       where credential_id = $1 and (transitional or id is not distinct from $2::uuid) returning id, transitional`,
      [credentialId, versionId],
    );
    const there =
      versionId === null ||
      marked.some((row) => row.transitional) ||
      writes.some(({ version }) => version.id === versionId);
    if (!there) throw new Refused('changed');
    const credential = locked.get(credentialId);
    if (credential) credential.seq += 1;
  }
  const rows = await insertAll(tx, locked, writes);
  await refreshNames(tx, locked);
  await writeAudit(tx, audit);
  return rows;
}

type Changes = Pick<CredentialRecords, 'changeCertificates' | 'deleteCertificateVersion'>;

export function createCertificateChanges(db: Database): Changes {
  return {
    async changeCertificates(request) {
      try {
        return { outcome: 'written', rows: await db.transaction((tx) => change(tx, request)) };
      } catch (error) {
        if (error instanceof Refused) return { outcome: error.outcome };
        throw error;
      }
    },

    async deleteCertificateVersion(request) {
      if (!isUuid(request.credentialId) || !isUuid(request.versionId)) return { outcome: 'missing' };
      try {
        return await db.transaction((tx) => removeVersion(tx, request));
      } catch (error) {
        if (error instanceof Refused && error.outcome === 'changed') return { outcome: 'changed' };
        throw error;
      }
    },
  };
}
