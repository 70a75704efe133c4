/** Every table whose rows carry sealed bytes, for key rotation, a change of vault, and for keys in use. */
import type { SecretRef } from '@credplex/core';

export interface SealedTable {
  readonly table: string;
  /** Primary key: SQL for a text that orders the walk, and the type it is compared as. */
  readonly id: string;
  readonly idType: 'uuid' | 'text';
  readonly purpose: SecretRef['purpose'];
  /** SQL for {@link SecretRef.id} and {@link SecretRef.path}. */
  readonly ref: string;
  readonly path: string;
  /** Columns of key id, format and bytes. */
  readonly keyId: string;
  readonly format: string;
  readonly sealed: string;
  /** SQL for rows whose secret still exists. */
  readonly where: string;
}

const columns = { keyId: 'key_id', format: 'format', sealed: 'sealed', where: 'true' } as const;

export const SEALED_TABLES: readonly SealedTable[] = [
  {
    ...columns,
    table: 'credential_version',
    id: 'id',
    idType: 'uuid',
    purpose: 'credhub',
    ref: 'id::text',
    path: `'credhub/' || id`,
  },
  {
    ...columns,
    table: 'shared_secret',
    id: 'name',
    idType: 'text',
    purpose: 'shared',
    ref: 'id',
    path: `'shared/' || name`,
  },
  {
    table: 'cloud_credential',
    id: 'id',
    idType: 'uuid',
    purpose: 'cloud_credential',
    ref: 'id::text',
    path: `'clouds/' || cloud_id || '/credentials/' || id`,
    keyId: 'sealed_key_id',
    format: 'sealed_format',
    sealed: 'sealed',
    // What was revoked for good is out of use, and may stay under a key that goes.
    where: 'vault_revoked_at is null',
  },
];
