/** Creates CredHub's use cases on the ports of a storage, for the main thread and for worker threads. */
import {
  type Certificates,
  type Clock,
  type CredentialDeps,
  type Credentials,
  createCertificates,
  createCredentials,
  createPermissions,
  type Entropy,
  LEVELS,
  type Level,
  type Permissions,
  type Pki,
  type ReadAudit,
  systemClock,
  systemEntropy,
} from '@credplex/core';
import { createPki } from '@credplex/pki';
import type { Config } from './config.ts';

/** The part of the configuration that the domain depends on; plain data that can be sent to a thread. */
export type DomainSettings = Pick<Config, 'level' | 'acls' | 'certificates'>;

export function domainSettings({ level, acls, certificates }: Config): DomainSettings {
  return {
    level,
    acls,
    certificates,
  };
}

export interface Domain {
  readonly level: Level;
  readonly pki: Pki;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly credentials: Credentials;
  readonly certificates: Certificates;
  readonly permissions: Permissions;
}

export type DomainPorts = Pick<CredentialDeps, 'records' | 'permissions' | 'intents' | 'vault' | 'readAudit'>;

export function createDomain(
  { level, acls, certificates }: DomainSettings,
  ports: DomainPorts,
  pki: Pki = createPki({ entropy: systemEntropy }),
): Domain {
  const deps: CredentialDeps = {
    ...ports,
    pki,
    clock: systemClock,
    entropy: systemEntropy,
    level: LEVELS[level],
    aclsEnabled: acls.enabled,
    certificates: {
      concatenateCas: certificates.concatenate_cas,
      caMinimumDurationInDays: certificates.ca_minimum_duration_in_days,
      leafMinimumDurationInDays: certificates.leaf_minimum_duration_in_days,
      enableDefaultCaKeyUsages: certificates.enable_default_ca_key_usages,
    },
  };
  return {
    level: deps.level,
    pki,
    clock: systemClock,
    entropy: systemEntropy,
    credentials: createCredentials(deps),
    certificates: createCertificates(deps),
    permissions: createPermissions(deps),
  };
}

const NO_AUDIT: ReadAudit = { append: () => undefined };

export function readAuditOf(config: Config, storage: { readonly readAudit: ReadAudit }): ReadAudit {
  return config.audit.reads ? storage.readAudit : NO_AUDIT;
}
