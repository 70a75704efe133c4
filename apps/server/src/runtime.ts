/** Everything that a running server or an operator command works with, opened once by `open(config)`. */
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
  /** Ends pools, queues and (where this process started it) the embedded PostgreSQL. Idempotent. */
  close(): Promise<void>;
}
