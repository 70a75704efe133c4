/** Every table with sealed values: for key rotation, a change of vault, and the count of keys in use. */
import { NIL_UUID, type SecretRef } from '@credplex/core';
import { isNull, type SQL, sql } from 'drizzle-orm';
import { getTableConfig, type PgColumn, type PgTable } from 'drizzle-orm/pg-core';
import { cloudCredential, credentialVersion, sharedSecret } from '../schema/index.ts';

export interface SealedTable {
  readonly table: PgTable;
  /** Primary key; a rotation reads the table in its order. */
  readonly id: PgColumn;
  /** A value below every primary key. */
  readonly lowestId: string;
  readonly purpose: SecretRef['purpose'];
  /** SQL for {@link SecretRef.id} and {@link SecretRef.path}. */
  readonly ref: SQL<string>;
  readonly path: SQL<string>;
  readonly keyId: PgColumn;
  readonly format: PgColumn;
  readonly sealed: PgColumn;
  /** SQL for rows whose secret still exists. */
  readonly exists: SQL;
}

export const SEALED_TABLES: readonly SealedTable[] = [
  {
    table: credentialVersion,
    id: credentialVersion.id,
    lowestId: NIL_UUID,
    purpose: 'credhub',
    ref: sql`${credentialVersion.id}::text`,
    path: sql`'credhub/' || ${credentialVersion.id}`,
    keyId: credentialVersion.keyId,
    format: credentialVersion.format,
    sealed: credentialVersion.sealed,
    exists: sql`true`,
  },
  {
    table: sharedSecret,
    id: sharedSecret.name,
    lowestId: '',
    purpose: 'shared',
    ref: sql`${sharedSecret.id}`,
    path: sql`'shared/' || ${sharedSecret.name}`,
    keyId: sharedSecret.keyId,
    format: sharedSecret.format,
    sealed: sharedSecret.sealed,
    exists: sql`true`,
  },
  {
    table: cloudCredential,
    id: cloudCredential.id,
    lowestId: NIL_UUID,
    purpose: 'cloud_credential',
    ref: sql`${cloudCredential.id}::text`,
    path: sql`'clouds/' || ${cloudCredential.cloudId} || '/credentials/' || ${cloudCredential.id}`,
    keyId: cloudCredential.sealedKeyId,
    format: cloudCredential.sealedFormat,
    sealed: cloudCredential.sealed,
    // A revoked secret is never opened again, so its key may be retired.
    exists: sql`${isNull(cloudCredential.vaultRevokedAt)}`,
  },
];

export function tableNameOf({ table }: SealedTable): string {
  return getTableConfig(table).name;
}
