/** Opens storage and use cases for a server or an operator command. */
import { join, resolve } from 'node:path';
import { systemEntropy } from '@credplex/core';
import { createPki } from '@credplex/pki';
import { openStorage, type StorageConfig } from '@credplex/storage';
import { VAULTS, type VaultKind } from '@credplex/storage/vaults';
import { readCertificates } from './certificate-file.ts';
import type { Config } from './config.ts';
import { createDomain, domainSettings, readAuditOf } from './domain.ts';
import { createLogger, type Logger } from './logger.ts';
import type { Runtime } from './runtime.ts';
import { isSignedByOf } from './signed-by.ts';

export interface OpenOptions {
  /** `serve` requires exclusive use of an embedded store. `command` works with or without a running server. */
  readonly for: 'serve' | 'command';
  /** Default: logs to stdout for `serve`, silent for `command`. */
  readonly logger?: Logger;
  /** When aborted, everything is closed and the signal's reason is thrown. */
  readonly stop?: AbortSignal | undefined;
}

function encryptionKeys({ encryption }: Config): StorageConfig['encryption']['keys'] {
  return encryption.keys.map(({ name, active, file, passphrase, key }) => {
    const text = passphrase ?? key;
    if (text !== undefined) return { name, active, passphrase: text };
    return { name, active, file: resolve(file ?? '') };
  });
}

/** Returns the settings of the completely configured vaults, with certificate files replaced by their contents. */
function vaultSettings({ vault }: Config): StorageConfig['vault'] {
  const configured = VAULTS.flatMap(({ kind, needed, certificateFiles }) => {
    const settings = vault[kind as VaultKind];
    if (needed.some((key) => settings[key] === undefined)) return [];
    const certificates = certificateFiles.flatMap((key) => {
      const file = settings[key];
      return typeof file === 'string' ? [[key, readCertificates(`vault.${kind}.${key}`, file)]] : [];
    });
    return [[kind, { ...settings, ...Object.fromEntries(certificates) }]];
  });
  return { ...Object.fromEntries(configured), kind: vault.kind };
}

/** Returns the configuration of the storage. @throws ConfigError for an unreadable file */
export function storageConfig(config: Config, purpose: 'serve' | 'operate'): StorageConfig {
  return {
    databaseUrl: config.database.url,
    connections: config.database.max_connections,
    dataDir: resolve(config.data_dir),
    purpose,
    encryption: { keys: encryptionKeys(config), generatedFile: join(resolve(config.data_dir), 'encryption.key') },
    vault: vaultSettings(config),
  };
}

/**
 * Opens the configured storage and creates the use cases.
 * @throws ConfigError, and Error with one line for the operator (unreachable database, unknown key, newer schema)
 */
export async function open(config: Config, options: OpenOptions): Promise<Runtime> {
  const serving = options.for === 'serve';
  const logger = options.logger ?? createLogger(serving ? config.log.level : 'silent');
  const pki = createPki({ entropy: systemEntropy });
  const storage = await openStorage({
    ...storageConfig(config, serving ? 'serve' : 'operate'),
    ...(serving && { isSignedBy: isSignedByOf(pki) }),
    stop: options.stop,
    onNotice: (line, level = 'info') => logger[level](line),
  });
  let closed: Promise<void> | undefined;
  return {
    config,
    storage,
    logger,
    ...createDomain(
      domainSettings(config),
      {
        records: storage.credentials,
        permissions: storage.permissions,
        intents: storage.intents,
        vault: storage.vault,
        readAudit: readAuditOf(config, storage),
      },
      pki,
    ),
    close: () => (closed ??= storage.close()),
  };
}
