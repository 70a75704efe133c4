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

/** A value that is fetched and opened when its turn comes: a list of large ones must not stand in memory at once. */
export class DeferredValue {
  /** Bytes of the sealed value: a little more than the value has. */
  readonly size: number;
  readonly open: () => Promise<Secret>;
  constructor(size: number, open: () => Promise<Secret>) {
    this.size = size;
    this.open = open;
  }
}

/** Opens what the rows hold; what was left in the database becomes a {@link DeferredValue}. */
export const openViews = (vault: SecretVault, rows: readonly VersionRow[]): Promise<CredentialView[]> =>
  mapBounded(rows, VAULT_WIDTH, async (row) => {
    const { deferredBytes } = row.sealed;
    if (deferredBytes === undefined) return viewOf(row, await openValue(vault, row));
    return viewOf(row, new DeferredValue(deferredBytes, () => openValue(vault, row)));
  });

export function viewOf(row: VersionRow, value: Secret | DeferredValue, made?: MadeCertificate): CredentialView {
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
