/**
 * Answers as JSON text. Stored texts (values, metadata) are spliced in as they are: they were normalised when they came,
 * and parsing them again would cost time and change numbers (house.md 3.8).
 */
import type { CredentialView, FoundName, ListedCertificate, PermissionRow } from '@credplex/core';

const quote = (text: string): string => JSON.stringify(text);

/** server-facts 1.6: UTC, whole seconds. */
const timeText = (time: Date): string => `${time.toISOString().slice(0, -5)}Z`;

const list = (items: readonly string[]): string => `[${items.join(',')}]`;
const timeOrNull = (time: Date | null): string => (time === null ? 'null' : `"${timeText(time)}"`);

/** The fields that certificates have besides, in alphabetical order. */
function certificateFields(certificate: NonNullable<CredentialView['certificate']>): string {
  const { made } = certificate;
  return [
    `,"certificate_authority":${certificate.certificateAuthority}`,
    made === undefined ? '' : `,"duration_overridden":${made.durationOverridden},"duration_used":${made.durationUsed}`,
    `,"expiry_date":${timeOrNull(certificate.expiryDate)}`,
    certificate.generated === null ? '' : `,"generated":${certificate.generated}`,
    made === undefined ? '' : `,"key_length":${made.keyLength}`,
    `,"self_signed":${certificate.selfSigned},"transitional":${certificate.transitional}`,
  ].join('');
}

export function credentialText(view: CredentialView): string {
  const { type, versionCreatedAt, id, name, metadata, value, certificate } = view;
  const tail = certificate === undefined ? '' : certificateFields(certificate);
  return `{"type":"${type}","version_created_at":"${timeText(versionCreatedAt)}","id":"${id}","name":${quote(name)},"metadata":${metadata ?? 'null'},"value":${value.reveal()}${tail}}`;
}

export const credentialsText = (views: readonly CredentialView[]): string => list(views.map(credentialText));

export const dataText = (views: readonly CredentialView[]): string => `{"data":${credentialsText(views)}}`;

const foundText = ({ versionCreatedAt, name, expiresAt }: FoundName): string =>
  `{"version_created_at":"${timeText(versionCreatedAt)}","name":${quote(name)}${
    expiresAt === undefined ? '' : `,"expiry_date":${timeOrNull(expiresAt)}`
  }}`;

/** In pieces, so that a million names never stand in memory at once. */
export async function* foundTexts(pages: AsyncIterable<readonly FoundName[]>): AsyncIterable<string> {
  let before = '{"credentials":[';
  for await (const page of pages) {
    if (page.length === 0) continue;
    yield before + page.map(foundText).join(',');
    before = ',';
  }
  yield before === ',' ? ']}' : `${before}]}`;
}

export const pathsText = (paths: readonly string[]): string =>
  `{"paths":${list(paths.map((path) => `{"path":${quote(path)}}`))}}`;

export const namesText = (names: readonly string[]): string => list(names.map(quote));

function listedVersionText({ id, certificate }: ListedCertificate['versions'][number]): string {
  const generated = certificate?.generated ?? null;
  return [
    `{"id":"${id}"`,
    `"expiry_date":${timeOrNull(certificate?.expiresAt ?? null)}`,
    `"transitional":${certificate?.transitional ?? false}`,
    `"certificate_authority":${certificate?.certificateAuthority ?? false}`,
    // Left out when nobody knows (recorded: certificates, "create version").
    `"self_signed":${certificate?.selfSigned ?? false}${generated === null ? '' : `,"generated":${generated}`}}`,
  ].join(',');
}

function listedText({ name, versions, signs, credentialId }: ListedCertificate): string {
  const signedBy = versions[0]?.certificate?.caName ?? '';
  return `{"name":${quote(name)},"versions":${list(versions.map(listedVersionText))},"signed_by":${quote(signedBy)},"signs":${namesText(signs)},"id":"${credentialId}"}`;
}

export const certificatesText = (certificates: readonly ListedCertificate[]): string =>
  `{"certificates":${list(certificates.map(listedText))}}`;

export const permissionText = ({ path, operations, actor, uuid }: PermissionRow): string =>
  `{"path":${quote(path)},"operations":${namesText(operations)},"actor":${quote(actor)},"uuid":"${uuid}"}`;

/** `withPath`: level 2 shows it (server-facts 0.1). */
export function credentialPermissionsText(
  { credentialName, permissions }: { credentialName: string; permissions: readonly PermissionRow[] },
  withPath: boolean,
): string {
  const rows = permissions.map(
    ({ actor, operations, path }) =>
      `{"actor":${quote(actor)},"operations":${namesText(operations)}${withPath ? `,"path":${quote(path)}` : ''}}`,
  );
  return `{"credential_name":${quote(credentialName)},"permissions":${list(rows)}}`;
}
