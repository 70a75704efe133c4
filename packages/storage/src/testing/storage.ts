import { secret } from '@credplex/core';
import { openStorage, type Storage, type StorageConfig } from '../open-storage.ts';
import { createDatabase } from './database.ts';
import type { TestOpenBao } from './openbao.ts';

/**
 * Opens storage on a new database of the test's PostgreSQL, with a test key. `vault`: an OpenBao for new values; by default they are
 * sealed in the row. The caller closes it.
 */
export async function openTestStorage(
  options: { vault?: TestOpenBao; kind?: 'sql' | 'openbao'; databaseUrl?: string } & Partial<
    Pick<StorageConfig, 'encryption' | 'onNotice'>
  > = {},
): Promise<Storage> {
  const { vault, kind = 'openbao', databaseUrl, ...rest } = options;
  return openStorage({
    // Only an embedded store and a generated key use this folder.
    dataDir: '/nonexistent',
    databaseUrl: secret(databaseUrl ?? (await createDatabase())),
    encryption: { keys: [{ name: 'test', active: true, passphrase: secret('11'.repeat(32)) }] },
    vault: vault
      ? {
          kind,
          openbao: {
            address: vault.address,
            token: secret(vault.token),
            ca: vault.ca,
            mount: 'secret',
            prefix: 'credplex',
          },
        }
      : { kind: 'sql' },
    ...rest,
  });
}
