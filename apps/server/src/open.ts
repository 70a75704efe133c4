/** From the configuration to what a server or an operator command works with. */
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
  /** `serve`: alone on an embedded store. `command`: beside a running server, or instead of one. */
  readonly for: 'serve' | 'command';
  /** Default: to stdout for `serve`, silent for `command`. */
  readonly logger?: Logger;
  /** Aborted: what is open is closed, and the signal's reason is thrown. */
  readonly stop?: AbortSignal | undefined;
}

function encryptionKeys({ encryption }: Config): StorageConfig['encryption']['keys'] {
  return encryption.keys.map(({ name, active, file, passphrase, key }) => {
    const text = passphrase ?? key;
    if (text !== undefined) return { name, active, passphrase: text };
    return { name, active, file: resolve(file ?? '') };
  });
}

/** Settings of the vaults that have all that is needed to open them, with the texts of certificates for their files. */
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

/** What storage needs of the configuration. @throws ConfigError for an unreadable file */
export function storageConfig(config: Config, purpose: 'serve' | 'operate'): StorageConfig {
  return {
    databaseUrl: config.database.url,
    dataDir: resolve(config.data_dir),
    purpose,
    encryption: { keys: encryptionKeys(config), generatedFile: join(resolve(config.data_dir), 'encryption.key') },
    vault: vaultSettings(config),
  };
}

/**
 * @throws ConfigError, and Error with one clear line for what storage finds wrong (unreachable database, unknown key, newer
 * schema)
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
