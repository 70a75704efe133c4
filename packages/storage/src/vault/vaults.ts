/** `@credplex/storage/vaults`: the remote vaults of the table (`table.ts`), and what their settings need. Loads none of them. */
import type { RemoteVault, VaultDefinition } from './remote-vault.ts';
import * as table from './table.ts';

export type { RemoteVault, RetentionReport, TokenState, VaultDefinition } from './remote-vault.ts';
export { baseUrl, filePath, secretText } from './settings-schema.ts';

type Definition = (typeof table)[keyof typeof table];
export type VaultKind = Definition['kind'];

/** Which vault takes new values, and the settings of each that is configured: the others still open what they hold. */
export type VaultSettings = { readonly kind: 'sql' | VaultKind } & {
  readonly [Kind in VaultKind]?: Parameters<Extract<Definition, { readonly kind: Kind }>['open']>[0] | undefined;
};

export const VAULTS: readonly VaultDefinition[] = Object.values<VaultDefinition>(table);

/** Returns the vault that holds values with this key id; `undefined` where the row itself holds them. */
export function vaultOwning(keyId: string): VaultDefinition | undefined {
  return VAULTS.find((vault) => vault.owns(keyId));
}

export interface ConfiguredVault {
  readonly kind: string;
  readonly vault: RemoteVault;
}

/** Opens every vault that has settings. */
export async function openConfiguredVaults(settings: VaultSettings): Promise<ConfiguredVault[]> {
  const opened: ConfiguredVault[] = [];
  for (const { kind, open } of VAULTS) {
    const vaultSettings = (settings as Readonly<Record<string, unknown>>)[kind];
    if (vaultSettings !== undefined) opened.push({ kind, vault: await open(vaultSettings as never) });
  }
  return opened;
}
