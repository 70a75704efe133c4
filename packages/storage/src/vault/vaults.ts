/** `@credplex/storage/vaults`: the definitions of the remote vaults (`table.ts`) and their settings. Loads no implementation. */
import type { RemoteVault, VaultDefinition } from './remote-vault.ts';
import * as table from './table.ts';

export type { RemoteVault, RetentionReport, TokenState, VaultDefinition } from './remote-vault.ts';
export { baseUrl, filePath, secretText } from './settings-schema.ts';

type Definition = (typeof table)[keyof typeof table];
export type VaultKind = Definition['kind'];

/** `kind` is the vault for new values. The other configured vaults open the values that they hold. */
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

/** Opens every vault that is configured. */
export async function openConfiguredVaults(settings: VaultSettings): Promise<ConfiguredVault[]> {
  const opened: ConfiguredVault[] = [];
  for (const { kind, open } of VAULTS) {
    const vaultSettings = (settings as Readonly<Record<string, unknown>>)[kind];
    if (vaultSettings !== undefined) opened.push({ kind, vault: await open(vaultSettings as never) });
  }
  return opened;
}
