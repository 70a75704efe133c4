/**
 * The interfaces of a remote vault. A new vault is one file beside this one and a line in `table.ts`. The file defines the
 * settings, how to open the vault, and its key ids.
 */
import type { SecretVault } from '@credplex/core';
import type * as z from 'zod';

/** Whether the vault retains the values that are written to it. */
export interface RetentionReport {
  /** `unreadable`: the token cannot read the configuration that decides it. */
  readonly outcome: 'keeps_values' | 'loses_values' | 'unreadable';
  /** One line for the operator. */
  readonly text: string;
}

/** The remaining lifetime of a vault token. */
export interface TokenState {
  /** `unknown`: the policy of the token does not allow a lookup of itself. */
  readonly end: 'never' | 'renewed' | 'final' | 'unknown';
  /** Seconds until the token ends; for `renewed`, until it ends unless it is renewed. */
  readonly secondsLeft: number | undefined;
  /** Seconds until {@link RemoteVault.renewTokenIfDue} should be called again. */
  readonly nextCheckSeconds: number;
  /** One line for the operator. */
  readonly text: string;
}

export interface RemoteVault extends SecretVault {
  /** Reports whether the vault retains its values. @throws CredError `vault_unavailable` */
  inspectRetention?(signal?: AbortSignal): Promise<RetentionReport>;
  /** Reports the remaining lifetime of the token. @throws CredError `vault_unavailable`, `vault_refused` (token ended) */
  inspectToken?(): Promise<TokenState>;
  /** Renews the token when that is due. @throws as {@link inspectToken} */
  renewTokenIfDue?(): Promise<TokenState>;
  close(): Promise<void>;
}

export interface VaultDefinition {
  /** The value of `vault.kind`, and the key below `vault` that holds its settings. */
  readonly kind: string;
  /** Its display name: the argument `vault` of its CredErrors. */
  readonly title: string;
  /** Schema of the settings below `vault.<kind>`. Each also has an environment variable, `CREDPLEX_<KIND>_<SETTING>`. */
  readonly configSchema: z.ZodObject;
  /** Required settings. */
  readonly needed: readonly string[];
  /** Secret settings, which may be read from a file. `reread`: the file is read again while the server runs. */
  readonly secrets: Readonly<Record<string, 'once' | 'reread'>>;
  /** Settings that name PEM files; {@link open} receives their contents. */
  readonly certificateFiles: readonly string[];
  /** What an operator should check when the vault does not answer. */
  readonly advice: string;
  /** Opens the vault with settings that {@link configSchema} has parsed. Sends no request yet. */
  open(settings: never): Promise<RemoteVault>;
  /** Whether a row with this key id has its value in this vault. */
  owns(keyId: string): boolean;
}
