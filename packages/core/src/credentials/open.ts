/** Opens stored versions and builds the views that the API returns. */
import { CredError } from '../errors.ts';
import { parseJson } from '../json/parse.ts';
import { objectOf } from '../json/read.ts';
import { jsonText } from '../json/text.ts';
import { JsonObject } from '../json/tree.ts';
import type { CertificateColumns, VersionRow } from '../ports/records.ts';
import type { SecretRef, SecretVault } from '../ports/vault.ts';
import { type Secret, secret } from '../secret.ts';
import { shownCa } from '../types/certificate-authorities.ts';
import type { GenerationDetails, Stored } from '../types/credential-type.ts';
import { DeferredValue } from './deferred-value.ts';
import { mapBounded } from './map-bounded.ts';
import type { CredentialDeps, CredentialView } from './service.ts';

/** Maximum number of concurrent vault calls per request. Each may be a round trip to OpenBao. */
export const VAULT_WIDTH = 16;

/** Returns where the vault stores the value of a version. */
export function refOf(id: string): SecretRef {
  return { purpose: 'credhub', id, path: `credhub/${id}` };
}

/** Opens the value of a version, as JSON text. @throws CredError of the vault */
export async function openValue(vault: SecretVault, row: Pick<VersionRow, 'id' | 'sealed'>): Promise<Secret> {
  const { value } = await vault.open(refOf(row.id), row.sealed);
  if (value === undefined) throw new CredError('vault_corrupt');
  return value;
}

interface ViewSettings {
  readonly certificates: Pick<CredentialDeps['certificates'], 'concatenateCas'>;
}

/** For responses that show only the signing CA, whatever the settings are (docs/reference/ca-rotation.md#shown). */
export const SIGNER_ONLY: ViewSettings = { certificates: { concatenateCas: false } };

/** Opening this many small values takes about a millisecond. */
const VALUES_PER_TURN = 64;

/**
 * Opens the values of rows. A large value that was left in the database becomes a {@link DeferredValue}. Of thousands of
 * rows, each turn of the event loop opens a few, so that other requests are answered meanwhile.
 */
export async function openViews(
  { vault, certificates }: Pick<CredentialDeps, 'vault'> & ViewSettings,
  rows: readonly VersionRow[],
): Promise<CredentialView[]> {
  const openView = async (row: VersionRow): Promise<CredentialView> => {
    const { deferredBytes } = row.sealed;
    if (deferredBytes === undefined) return viewOf({ certificates }, row, await openValue(vault, row));
    return viewOf({ certificates }, row, new DeferredValue(deferredBytes, () => openValue(vault, row)));
  };
  if (rows.length <= VALUES_PER_TURN) return mapBounded(rows, VAULT_WIDTH, openView);
  const views: CredentialView[] = [];
  for (let at = 0; at < rows.length; at += VALUES_PER_TURN) {
    views.push(...(await mapBounded(rows.slice(at, at + VALUES_PER_TURN), VAULT_WIDTH, openView)));
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return views;
}

/** Returns a version as responses show it. `value.ca` comes from the plain columns, not from the sealed value. */
export function viewOf(
  { certificates }: ViewSettings,
  row: VersionRow,
  stored: Secret | DeferredValue,
  made?: GenerationDetails,
): CredentialView {
  const value = row.certificate ? valueWithCa(stored, shownCa(row.certificate, certificates.concatenateCas)) : stored;
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

/** Compares only the first bytes, because a value may be large. */
function startsWith(value: Secret, head: string): boolean {
  if (!value.isBytes) return value.reveal().startsWith(head);
  const expected = new TextEncoder().encode(head);
  const bytes = value.revealBytes();
  return expected.every((byte, index) => bytes[index] === byte);
}

function valueWithCa(value: Secret | DeferredValue, ca: string | null): Secret | DeferredValue {
  return value instanceof DeferredValue
    ? new DeferredValue(value.size, async () => withCa(await value.open(), ca))
    : withCa(value, ca);
}

/** Returns the value of a certificate with its `ca` replaced. */
export function withCa(value: Secret, ca: string | null): Secret {
  // The common case: new versions are stored with this `ca` first, so that no parsing is needed.
  if (startsWith(value, `{"ca":${JSON.stringify(ca)},`)) return value;
  const entries = new Map(objectOf(parseJson(value.reveal())).entries);
  return secret(jsonText(new JsonObject(entries.set('ca', ca))));
}

function certificateView(
  columns: CertificateColumns,
  generation: GenerationDetails | undefined,
): NonNullable<CredentialView['certificate']> {
  return {
    certificateAuthority: columns.certificateAuthority,
    expiryDate: columns.expiresAt,
    generated: columns.generated,
    selfSigned: columns.selfSigned,
    transitional: columns.transitional,
    generation,
  };
}

/** Returns a row as credential types see it. */
export function storedOf(vault: SecretVault, row: VersionRow): Stored {
  return {
    name: row.name,
    plain: row,
    open: async () => parseJson((await openValue(vault, row)).reveal()),
  };
}
