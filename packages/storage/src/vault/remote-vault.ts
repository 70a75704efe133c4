/**
 * What a remote vault is. A vault is one file beside this one and a line in `table.ts`: its settings, how it is opened, and which
 * key ids are its own.
 */
import type { SecretVault } from '@credplex/core';
import type * as z from 'zod';

/** Whether the place that values are written to keeps them. */
export interface RetentionReport {
  /** `unreadable`: what the vault lets us see does not tell. */
  readonly outcome: 'keeps_values' | 'loses_values' | 'unreadable';
  /** One line for the operator. */
  readonly text: string;
}

/** What is left of a token that ends. */
export interface TokenState {
  /** `unknown`: the policy of the token does not allow it to look at itself. */
  readonly end: 'never' | 'renewed' | 'final' | 'unknown';
  /** Until it ends for good, for `final`; until it ends without a renewal, for `renewed`. */
  readonly secondsLeft: number | undefined;
  /** Until {@link RemoteVault.renewTokenIfDue} should be called again. */
  readonly nextCheckSeconds: number;
  /** One line for the operator. */
  readonly text: string;
}

export interface RemoteVault extends SecretVault {
  /** Tells whether the place keeps what is written to it. @throws CredError `vault_unavailable` */
  inspectRetention?(signal?: AbortSignal): Promise<RetentionReport>;
  /** Tells what is left of the token. @throws CredError `vault_unavailable`, `vault_refused` (ended) */
  inspectToken?(): Promise<TokenState>;
  /** Renews the token when that is due. @throws as {@link inspectToken} */
  renewTokenIfDue?(): Promise<TokenState>;
  close(): Promise<void>;
}

export interface VaultDefinition {
  /** The value of `vault.kind`, and the key below `vault` that holds its settings. */
  readonly kind: string;
  /** Its name in texts: the argument `vault` of its CredErrors. */
  readonly title: string;
  /** The settings below `vault.<kind>`. Each also has a variable, `CREDPLEX_<KIND>_<SETTING>`. */
  readonly configSchema: z.ZodObject;
  /** Settings without which it cannot be opened. */
  readonly needed: readonly string[];
  /** Settings that are secret. They may stand in a file; `reread`: one that is read again while the server runs. */
  readonly secrets: Readonly<Record<string, 'once' | 'reread'>>;
  /** Settings that name files of PEM certificates; {@link open} gets their texts. */
  readonly certificateFiles: readonly string[];
  /** What an operator looks at when it does not answer. */
  readonly advice: string;
  /** Opens it with what {@link configSchema} made of the settings. Sends nothing yet. */
  open(settings: never): Promise<RemoteVault>;
  /** Whether a row with this key id has its value there. */
  owns(keyId: string): boolean;
}
