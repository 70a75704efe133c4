/** One version as the database gives it and as the domain knows it. */
import type { CertificateColumns, NewVersion, VersionRow } from '@credplex/core';
import type { SQL } from 'drizzle-orm';
import type { RowOf } from '../postgres/fragments.ts';
import type { ReadForm } from '../postgres/shared-read.ts';
import { fromColumn, toColumn } from '../postgres/text.ts';
import { credentialVersion } from '../schema/index.ts';
import { sealedColumns, sealedColumnsInBatch, sealedColumnsOfMany, sealedOf } from './sealed-column.ts';
import { c, v } from './tables.ts';

/** Of `credential_version v` joined with `credential c`. */
export const plainColumns = {
  id: v.id,
  credentialId: v.credentialId,
  name: c.name,
  type: c.type,
  seq: v.seq,
  createdAt: v.createdAt,
  metadata: v.metadata,
  parameters: v.parameters,
  username: v.username,
  publicKey: v.publicKey,
  certificate: v.certificate,
  ca: v.ca,
  trustedCa: v.trustedCa,
  caName: v.caName,
  expiresAt: v.expiresAt,
  certificateAuthority: v.certificateAuthority,
  selfSigned: v.selfSigned,
  generated: v.generated,
  transitional: v.transitional,
};
export const versionColumns = { ...plainColumns, ...sealedColumns };
export const versionColumnsOfMany = (order: SQL) => ({ ...plainColumns, ...sealedColumnsOfMany(order) });
const versionColumnsInBatch = { ...plainColumns, ...sealedColumnsInBatch };

/** For one version, or few. */
export const versionColumnsFor = (form: ReadForm) => (form === 'single' ? versionColumns : versionColumnsInBatch);
/** For many versions; see {@link versionColumnsOfMany}. */
export const versionColumnsOfManyFor = (form: ReadForm, order: SQL) =>
  form === 'single' ? versionColumnsOfMany(order) : versionColumnsInBatch;

export type PlainRecord = RowOf<typeof plainColumns>;
export type VersionRecord = RowOf<typeof versionColumns>;

export function toPlainVersion(row: PlainRecord): Omit<VersionRow, 'sealed'> {
  return {
    id: row.id,
    credentialId: row.credentialId,
    name: row.name,
    type: row.type,
    seq: row.seq,
    createdAt: row.createdAt,
    metadata: fromColumn(row.metadata),
    parameters: fromColumn(row.parameters),
    username: fromColumn(row.username),
    publicKey: fromColumn(row.publicKey),
    certificate: row.certificateAuthority === null ? null : certificateOf(row),
  };
}

function certificateOf(row: PlainRecord): CertificateColumns {
  return {
    certificate: fromColumn(row.certificate),
    ca: fromColumn(row.ca),
    trustedCa: fromColumn(row.trustedCa),
    caName: fromColumn(row.caName),
    expiresAt: row.expiresAt,
    certificateAuthority: row.certificateAuthority ?? false,
    selfSigned: row.selfSigned ?? false,
    generated: row.generated,
    transitional: row.transitional,
  };
}

export function toVersion(row: VersionRecord): VersionRow {
  return { ...toPlainVersion(row), sealed: sealedOf(row) };
}

/** Returns the row of a version that was just written, without reading it from the database. */
export function writtenVersion(
  version: NewVersion,
  credential: { id: string; name: string; type: string; seq: number },
): VersionRow {
  const { id, createdAt, metadata, parameters, username, publicKey, certificate, sealed } = version;
  const { name, type, seq } = credential;
  return {
    id,
    credentialId: credential.id,
    name,
    type,
    seq,
    createdAt,
    metadata,
    parameters,
    username,
    publicKey,
    certificate,
    sealed,
  };
}

/** Columns that an insert fills beside the id of the name and the counter, for a version of any type. */
export const ANY_TYPE_COLUMNS = {
  id: credentialVersion.id,
  createdAt: credentialVersion.createdAt,
  metadata: credentialVersion.metadata,
  parameters: credentialVersion.parameters,
  username: credentialVersion.username,
  publicKey: credentialVersion.publicKey,
  keyId: credentialVersion.keyId,
  format: credentialVersion.format,
  sealed: credentialVersion.sealed,
} as const;

/** For a certificate these as well. */
const CERTIFICATE_ONLY_COLUMNS = {
  certificate: credentialVersion.certificate,
  ca: credentialVersion.ca,
  trustedCa: credentialVersion.trustedCa,
  /** Always true; only a copy of a row that is not repaired yet says otherwise. */
  caIsSigner: credentialVersion.caIsSigner,
  caName: credentialVersion.caName,
  expiresAt: credentialVersion.expiresAt,
  certificateAuthority: credentialVersion.certificateAuthority,
  selfSigned: credentialVersion.selfSigned,
  generated: credentialVersion.generated,
  transitional: credentialVersion.transitional,
} as const;
export const CERTIFICATE_COLUMNS = { ...ANY_TYPE_COLUMNS, ...CERTIFICATE_ONLY_COLUMNS } as const;

export type AnyTypeValues = RowOf<typeof ANY_TYPE_COLUMNS>;
export type CertificateValues = RowOf<typeof CERTIFICATE_COLUMNS>;

export function anyTypeValues(version: NewVersion): AnyTypeValues {
  return {
    id: version.id,
    createdAt: version.createdAt,
    metadata: toColumn(version.metadata),
    parameters: toColumn(version.parameters),
    username: toColumn(version.username),
    publicKey: toColumn(version.publicKey),
    keyId: version.sealed.keyId,
    format: version.sealed.format,
    sealed: version.sealed.bytes,
  };
}

export function certificateValues(version: NewVersion): CertificateValues {
  const certificate = version.certificate;
  return {
    ...anyTypeValues(version),
    certificate: toColumn(certificate?.certificate ?? null),
    ca: toColumn(certificate?.ca ?? null),
    trustedCa: toColumn(certificate?.trustedCa ?? null),
    caIsSigner: true,
    caName: toColumn(certificate?.caName ?? null),
    expiresAt: certificate?.expiresAt ?? null,
    certificateAuthority: certificate?.certificateAuthority ?? null,
    selfSigned: certificate?.selfSigned ?? null,
    generated: certificate?.generated ?? null,
    transitional: certificate?.transitional ?? false,
  };
}
