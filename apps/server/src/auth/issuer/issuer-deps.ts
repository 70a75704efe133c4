import type { AccountRecords, Clock, Entropy } from '@credplex/core';
import type { Context } from 'hono';
import type { Coordination } from '../../coordination.ts';
import type { Revocations } from './revocations.ts';
import type { SigningKeys } from './signing-keys.ts';
import type { Verifiers } from './verifiers.ts';

export interface IssuerDeps {
  readonly accounts: AccountRecords;
  readonly keys: SigningKeys;
  readonly revocations: Revocations;
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** Without a trailing slash; the issuer is at `<publicUrl>/uaa`. */
  readonly publicUrl: string;
  readonly release: string;
  /** Returns the address for which failed logins are counted. */
  readonly addressOf: (context: Context) => string;
  /** Returns the request id for the log. */
  readonly requestIdOf: (context: Context) => string;
  readonly log: {
    debug(fields: Readonly<Record<string, unknown>>, text: string): void;
    info(fields: Readonly<Record<string, unknown>>, text: string): void;
    warn(fields: Readonly<Record<string, unknown>>, text: string): void;
    error(fields: Readonly<Record<string, unknown>>, text: string): void;
  };
  readonly verifiers?: Verifiers;
  readonly coordination?: Coordination;
}
