import { secret } from '@credplex/core';
import { openStorage, type Storage, type StorageConfig } from '../open-storage.ts';
import { createDatabase } from './database.ts';
import type { TestOpenBao } from './openbao.ts';

/**
 * Storage on a fresh database of the test's PostgreSQL, with a key of its own. `vault`: an OpenBao to seal into, else the
 * row is sealed. Close it when done.
 */
export async function openTestStorage(
  options: { vault?: TestOpenBao; kind?: 'sql' | 'openbao'; databaseUrl?: string } & Partial<
    Pick<StorageConfig, 'encryption' | 'onNotice'>
  > = {},
): Promise<Storage> {
  const { vault, kind = 'openbao', databaseUrl, ...rest } = options;
  return openStorage({
    // Only an embedded store and a generated key would need it.
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
