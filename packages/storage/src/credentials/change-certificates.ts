/** Changes to several certificates, or to which version is which: transactions, unlike the write of one version. */
import {
  type CertificateChange,
  type CredentialRecords,
  isUuid,
  permissionPaths,
  type VersionRow,
} from '@credplex/core';
import { sql } from 'drizzle-orm';
import { writeAudit } from '../audit/audit-event.ts';
import { WRITE } from '../permissions/operations.ts';
import type { Database, Transaction } from '../postgres/database.ts';
import { nameOf, select } from '../postgres/fragments.ts';
import { defineStatement, type Parameters } from '../postgres/statement.ts';
import { textArray } from '../postgres/text.ts';
import { credentialVersion, permission } from '../schema/index.ts';
import { insertAll, lockExpected, refreshNames, requireSeqs } from './certificate-writes.ts';
import { removeVersion } from './delete-version.ts';
import { Refused } from './refused.ts';
import { lockSigners, requireCopies } from './signer-lock.ts';

const WRITABLE_PATHS = defineStatement(
  (p: Parameters<{ actor: string; paths: string }>) => sql<{ path: string }>`
    select ${permission.path} from ${permission} where ${permission.actor} = ${p.actor}
      and ${permission.operations} & ${WRITE} <> 0 and ${permission.path} = any(${p.paths}::text[])`,
);

async function requireWrite(tx: Transaction, actor: string | null, names: readonly string[]): Promise<void> {
  if (actor === null || names.length === 0) return;
  const candidates = names.map((name) => permissionPaths(name));
  const rows = await tx.run(WRITABLE_PATHS, { actor, paths: textArray([...new Set(candidates.flat())]) });
  const held = new Set(rows.map((row) => row.path));
  if (!candidates.every((paths) => paths.some((path) => held.has(path)))) throw new Refused('denied');
}

const version = credentialVersion;
/** Moves the mark to one version, or takes it from whichever has it. */
const MARK_TRANSITIONAL = defineStatement(
  (p: Parameters<{ credentialId: string; versionId: string | null }>) => sql<{ id: string; transitional: boolean }>`
    update ${version} set ${nameOf(version.transitional)} = (${version.id} is not distinct from ${p.versionId}::uuid)
    where ${version.credentialId} = ${p.credentialId}
      and (${version.transitional} or ${version.id} is not distinct from ${p.versionId}::uuid)
    returning ${select({ id: version.id, transitional: version.transitional })}`,
);

async function change(tx: Transaction, request: CertificateChange): Promise<VersionRow[]> {
  const { access, needWrite, transitional, signers = [], copiesChildrenOf, writes, audit } = request;
  const expected = [...writes, ...(transitional ? [transitional] : [])];
  const areUnchanged = await lockSigners(tx, signers);
  const locked = await lockExpected(tx, expected);
  await requireWrite(tx, access.actor, needWrite);
  if (!areUnchanged) throw new Refused('changed');
  requireSeqs(locked, expected);
  await requireCopies(tx, copiesChildrenOf, writes);
  if (transitional) {
    const { credentialId, versionId } = transitional;
    const marked = await tx.run(MARK_TRANSITIONAL, { credentialId, versionId });
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
