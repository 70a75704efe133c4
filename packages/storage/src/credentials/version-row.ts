/** One version as the database gives it and as the domain knows it. */
import type { CertificateColumns, NewVersion, VersionRow } from '@credplex/core';
import type { Value } from '../postgres/database.ts';
import { fromColumn, toColumn } from '../postgres/text.ts';
import { type SealedRecord, sealedColumns, sealedColumnsOfMany, sealedOf } from './sealed-column.ts';

/** Of `credential_version v` joined with `credential c`. */
export const plainColumns = `v.id, v.credential_id, c.name, c.type, v.seq, v.created_at, v.metadata, v.parameters, v.username,
  v.public_key, v.certificate, v.ca, v.trusted_ca, v.ca_name, v.expires_at, v.certificate_authority, v.self_signed, v.generated, v.transitional`;
export const versionColumns = `${plainColumns}, ${sealedColumns}`;
export const versionColumnsOfMany = (order: string): string => `${plainColumns}, ${sealedColumnsOfMany(order)}`;

export interface PlainRecord {
  readonly id: string;
  readonly credential_id: string;
  readonly name: string;
  readonly type: string;
  readonly seq: string;
  readonly created_at: Date;
  readonly metadata: string | null;
  readonly parameters: string | null;
  readonly username: string | null;
  readonly public_key: string | null;
  readonly certificate: string | null;
  readonly ca: string | null;
  readonly trusted_ca: string | null;
  readonly ca_name: string | null;
  readonly expires_at: Date | null;
  readonly certificate_authority: boolean | null;
  readonly self_signed: boolean | null;
  readonly generated: boolean | null;
  readonly transitional: boolean;
}

export interface VersionRecord extends PlainRecord, SealedRecord {}

export function toPlainVersion(row: PlainRecord): Omit<VersionRow, 'sealed'> {
  return {
    id: row.id,
    credentialId: row.credential_id,
    name: row.name,
    type: row.type,
    seq: Number(row.seq),
    createdAt: row.created_at,
    metadata: fromColumn(row.metadata),
    parameters: fromColumn(row.parameters),
    username: fromColumn(row.username),
    publicKey: fromColumn(row.public_key),
    certificate: row.certificate_authority === null ? null : certificateOf(row),
  };
}

function certificateOf(row: PlainRecord): CertificateColumns {
  return {
    certificate: fromColumn(row.certificate),
    ca: fromColumn(row.ca),
    trustedCa: fromColumn(row.trusted_ca),
    caName: fromColumn(row.ca_name),
    expiresAt: row.expires_at,
    certificateAuthority: row.certificate_authority ?? false,
    selfSigned: row.self_signed ?? false,
    generated: row.generated,
    transitional: row.transitional,
  };
}

export function toVersion(row: VersionRecord): VersionRow {
  return { ...toPlainVersion(row), sealed: sealedOf(row) };
}

/** What a write answers, put together here instead of being sent back by the database. */
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

/** What an INSERT names beside `credential_id` and `seq` for a version of any type, with the kind of each column. */
export const plainVersionColumns = [
  ['id', 'uuid'],
  ['created_at', 'timestamptz'],
  ['metadata', 'text'],
  ['parameters', 'text'],
  ['username', 'text'],
  ['public_key', 'text'],
  ['key_id', 'text'],
  ['format', 'smallint'],
  ['sealed', 'bytea'],
] as const;

/** For a certificate the rest as well; {@link newVersionValues} in this order. */
export const newVersionColumns = [
  ...plainVersionColumns,
  ['certificate', 'text'],
  ['ca', 'text'],
  ['trusted_ca', 'text'],
  // Always true; only a copy of a row that is not repaired yet says otherwise.
  ['ca_is_signer', 'boolean'],
  ['ca_name', 'text'],
  ['expires_at', 'timestamptz'],
  ['certificate_authority', 'boolean'],
  ['self_signed', 'boolean'],
  ['generated', 'boolean'],
  ['transitional', 'boolean'],
] as const;

export function plainVersionValues(version: NewVersion): Value[] {
  return [
    version.id,
    version.createdAt,
    toColumn(version.metadata),
    toColumn(version.parameters),
    toColumn(version.username),
    toColumn(version.publicKey),
    version.sealed.keyId,
    version.sealed.format,
    version.sealed.bytes,
  ];
}

export function newVersionValues(version: NewVersion): Value[] {
  const certificate = version.certificate;
  return [
    ...plainVersionValues(version),
    toColumn(certificate?.certificate ?? null),
    toColumn(certificate?.ca ?? null),
    toColumn(certificate?.trustedCa ?? null),
    true,
    toColumn(certificate?.caName ?? null),
    certificate?.expiresAt ?? null,
    certificate?.certificateAuthority ?? null,
    certificate?.selfSigned ?? null,
    certificate?.generated ?? null,
    certificate?.transitional ?? false,
  ];
}
