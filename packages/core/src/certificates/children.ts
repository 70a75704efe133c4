/**
 * With `certificates.concatenate_cas`, the certificates that a CA signed carry both certificates of that CA while it is
 * rotated. Each step of a rotation copies the current versions of every such child, with the CAs that it must trust
 * from then on (docs/reference/ca-rotation.md#copies).
 */
import { auditOf, type Caller } from '../caller.ts';
import { mapBounded } from '../credentials/map-bounded.ts';
import { openValue, VAULT_WIDTH, withCa } from '../credentials/open.ts';
import { abandon, sealVersion } from '../credentials/seal.ts';
import type { CredentialDeps } from '../credentials/service.ts';
import type { AuditEvent } from '../ports/audit.ts';
import type { CertificateColumns, CertificateWrite, SignedRow } from '../ports/records.ts';
import { type CaPair, shownCa, trustedBeside } from '../types/certificate-authorities.ts';

export interface ChildWrite extends CertificateWrite {
  readonly name: string;
}

/** The columns of a CA version that its children depend on. */
export interface CaVersion {
  readonly certificate: Pick<CertificateColumns, 'certificate' | 'transitional'> | null;
}

/** Returns the newest active and the newest transitional certificate of `versions`, which are sorted newest first. */
export function caPairOf(versions: readonly CaVersion[]): CaPair {
  const newest = (transitional: boolean): string | null =>
    versions.find(({ certificate }) => certificate?.transitional === transitional)?.certificate?.certificate ?? null;
  return { active: newest(false), transitional: newest(true) };
}

/** Returns the condition that no child is left without its copy; none while CAs are not concatenated. */
export const copiesChildrenOf = (deps: CredentialDeps, caName: string): string | undefined =>
  deps.certificates.concatenateCas ? caName : undefined;

/** Seals a copy of each child of a CA whose versions become `pair`. Returns none while CAs are not concatenated. */
export async function childWrites(deps: CredentialDeps, caName: string, pair: CaPair): Promise<ChildWrite[]> {
  if (!deps.certificates.concatenateCas) return [];
  const rows = await deps.records.childrenOf({ caName });
  const withActive = new Set(
    rows.filter((row) => !row.certificate?.transitional).map(({ credentialId }) => credentialId),
  );
  const sealed: ChildWrite[] = [];
  try {
    return await mapBounded(rows, VAULT_WIDTH, async (row) => {
      const certificate = copiedColumns(row, caName, pair);
      // A name without an active version keeps its transitional mark in place: removing it would make that version
      // active.
      const movesMark = (row.certificate?.transitional ?? false) && withActive.has(row.credentialId);
      const copy = await copyOf(deps, row, certificate, movesMark);
      sealed.push(copy);
      return copy;
    });
  } catch (error) {
    await abandonWrites(deps, sealed);
    throw error;
  }
}

/** Returns the columns of a copy. A version of another CA is copied unchanged, so that the order of versions stays. */
function copiedColumns({ certificate }: SignedRow, caName: string, pair: CaPair): CertificateColumns | null {
  const namesCa = certificate?.caName?.toLowerCase() === caName.toLowerCase();
  return certificate && namesCa ? { ...certificate, trustedCa: trustedBeside(certificate.ca, pair) } : certificate;
}

async function copyOf(
  deps: CredentialDeps,
  row: SignedRow,
  certificate: CertificateColumns | null,
  movesMark: boolean,
): Promise<ChildWrite> {
  const stored = await openValue(deps.vault, row);
  const value = certificate ? withCa(stored, shownCa(certificate, deps.certificates.concatenateCas)) : stored;
  const { parameters, username, publicKey } = row;
  const plain = { parameters, username, publicKey, certificate };
  const { version, intent } = await sealVersion(deps, { value, plain }, null);
  return {
    name: row.name,
    credentialId: row.credentialId,
    expectSeq: row.nameSeq,
    version,
    copyOf: { versionId: row.id, movesMark },
    intent,
  };
}

/** Returns one audit event per copy, naming the CA whose change caused it. */
export function childAudit(
  deps: CredentialDeps,
  caller: Caller,
  children: readonly ChildWrite[],
  cause: { readonly action: string; readonly ca: string },
): AuditEvent[] {
  return children.map(({ name, version }) =>
    auditOf(deps, caller, { action: cause.action, resource: name, versionId: version.id, details: { ca: cause.ca } }),
  );
}

/** Removes the sealed values of writes that did not happen. */
export async function abandonWrites(deps: CredentialDeps, writes: readonly CertificateWrite[]): Promise<void> {
  await mapBounded(writes, VAULT_WIDTH, ({ version, intent }) => abandon(deps, { id: version.id, intent }));
}
