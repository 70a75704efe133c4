/** Stored versions as the API shows them. */
import { CredError } from '../errors.ts';
import { parseJson } from '../json/parse.ts';
import type { CertificateColumns, VersionRow } from '../ports/records.ts';
import type { SecretRef, SecretVault } from '../ports/vault.ts';
import type { Secret } from '../secret.ts';
import type { MadeCertificate, Stored } from '../types/credential-type.ts';
import { mapBounded } from './map-bounded.ts';
import type { CredentialView } from './service.ts';

/** At most so many vault calls of one request at once (house.md 3.1). */
export const VAULT_WIDTH = 16;

export const refOf = (id: string): SecretRef => ({ purpose: 'credhub', id, path: `credhub/${id}` });

/** The value of a version as JSON text. */
export async function openValue(vault: SecretVault, row: Pick<VersionRow, 'id' | 'sealed'>): Promise<Secret> {
  const { value } = await vault.open(refOf(row.id), row.sealed);
  if (value === undefined) throw new CredError('vault_corrupt');
  return value;
}

export const openViews = (vault: SecretVault, rows: readonly VersionRow[]): Promise<CredentialView[]> =>
  mapBounded(rows, VAULT_WIDTH, async (row) => viewOf(row, await openValue(vault, row)));

export function viewOf(row: VersionRow, value: Secret, made?: MadeCertificate): CredentialView {
  const { type, id, name, metadata, credentialId } = row;
  return {
    type,
    versionCreatedAt: row.createdAt,
    id,
    name,
    metadata,
    value,
    credentialId,
    ...(row.certificate && { certificate: certificateView(row.certificate, made) }),
  };
}

const certificateView = (
  columns: CertificateColumns,
  made: MadeCertificate | undefined,
): NonNullable<CredentialView['certificate']> => ({
  certificateAuthority: columns.certificateAuthority,
  expiryDate: columns.expiresAt,
  generated: columns.generated,
  selfSigned: columns.selfSigned,
  transitional: columns.transitional,
  made,
});

/** A row as credential types look at it. */
export const storedOf = (vault: SecretVault, row: VersionRow): Stored => ({
  name: row.name,
  plain: row,
  open: async () => parseJson((await openValue(vault, row)).reveal()),
});
