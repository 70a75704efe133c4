/** The dependencies of a running server or an operator command, created by `open(config)`. */
import type { Certificates, Clock, Credentials, Entropy, Level, Permissions, Pki } from '@credplex/core';
import type { Storage } from '@credplex/storage';
import type { Config } from './config.ts';
import type { Logger } from './logger.ts';

export interface Runtime {
  readonly config: Config;
  readonly level: Level;
  readonly storage: Storage;
  readonly credentials: Credentials;
  readonly certificates: Certificates;
  readonly permissions: Permissions;
  readonly pki: Pki;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly logger: Logger;
  /** Closes pools and queues, and stops the embedded PostgreSQL when this process started it. Idempotent. */
  close(): Promise<void>;
}
