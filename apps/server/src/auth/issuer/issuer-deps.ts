import type { AccountRecords, Clock, Entropy } from '@credplex/core';
import type { Context } from 'hono';
import type { Revocations } from './revocations.ts';
import type { SigningKeys } from './signing-keys.ts';
import type { Verifiers } from './verifiers.ts';

export interface IssuerDeps {
  readonly accounts: AccountRecords;
  readonly keys: SigningKeys;
  readonly revocations: Revocations;
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** Without a slash at its end; the issuer lives at `<publicUrl>/uaa`. */
  readonly publicUrl: string;
  readonly release: string;
  /** The address that wrong logins are counted for. */
  readonly addressOf: (context: Context) => string;
  /** Of the request, for the log. */
  readonly requestIdOf: (context: Context) => string;
  readonly log: {
    debug(fields: Readonly<Record<string, unknown>>, text: string): void;
    info(fields: Readonly<Record<string, unknown>>, text: string): void;
    warn(fields: Readonly<Record<string, unknown>>, text: string): void;
    error(fields: Readonly<Record<string, unknown>>, text: string): void;
  };
  readonly verifiers?: Verifiers;
}
