/**
 * Keeps a CA as it is while a certificate that it signed is stored, so that the certificate carries the CA's versions of
 * that moment (docs/reference/ca-rotation.md#stored). Whoever changes the CA waits, and then finds the certificate among
 * the CA's children. A CA is locked before what it signed.
 */
import type { CertificateWrite, SignerState } from '@credplex/core';
import { type SQL, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Transaction } from '../postgres/database.ts';
import { select } from '../postgres/fragments.ts';
import { defineStatement, type Parameters } from '../postgres/statement.ts';
import { lowerName, toColumn } from '../postgres/text.ts';
import { credential } from '../schema/index.ts';
import { Refused } from './refused.ts';
import { childVersions, v } from './tables.ts';

const s = alias(credential, 's');

/** Selects the row of a CA and locks it, or nothing where its versions are others by now. */
export const lockedSigner = (signer: { id: SQL; activeId: SQL; transitionalId: SQL }): SQL =>
  sql`select from ${credential} ${s} where ${s.id} = ${signer.id}::uuid
    and ${s.activeId} is not distinct from ${signer.activeId}::uuid
    and ${s.transitionalId} is not distinct from ${signer.transitionalId}::uuid for share`;

interface Signer {
  readonly id: string;
  readonly activeId: string | null;
  readonly transitionalId: string | null;
}

const LOCK_SIGNER = defineStatement((p: Parameters<Signer>) => lockedSigner(p));

/** Locks CAs; returns false where the versions of one are others by now. */
export async function lockSigners(tx: Transaction, signers: readonly SignerState[]): Promise<boolean> {
  // In one order, as every lock of several names.
  const sorted = [...signers].sort((a, b) => (a.credentialId < b.credentialId ? -1 : 1));
  for (const { credentialId: id, activeId, transitionalId } of sorted) {
    if ((await tx.run(LOCK_SIGNER, { id, activeId, transitionalId })).length === 0) return false;
  }
  return true;
}

const CHILD_VERSIONS = defineStatement(
  (p: Parameters<{ caLower: string | null }>) =>
    sql<{ id: string }>`select ${select({ id: v.id })} ${childVersions(p.caLower)}`,
);

/**
 * Requires that the writes copy all that the CA has signed by now. The CA must be locked.
 * @throws Refused `changed`
 */
export async function requireCopies(
  tx: Transaction,
  caName: string | undefined,
  writes: readonly CertificateWrite[],
): Promise<void> {
  if (caName === undefined) return;
  const copied = new Set(writes.map(({ copyOf }) => copyOf?.versionId));
  const rows = await tx.run(CHILD_VERSIONS, { caLower: toColumn(lowerName(caName)) });
  if (rows.some(({ id }) => !copied.has(id))) throw new Refused('changed');
}
