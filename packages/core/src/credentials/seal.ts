/**
 * Sealing before writing. In a local vault it is computation. A remote one is written first, so the promise (intent) is committed
 * before, and deleted in the transaction that makes the row; what came to nothing is destroyed (house.md 3.1).
 *
 * A write whose outcome is unknown (the database went away) leaves its intent: the sweeper finds out whether a row was made.
 */
import type { Intents, NewVersion } from '../ports/records.ts';
import type { Sealed, SecretVault } from '../ports/vault.ts';
import type { Secret } from '../secret.ts';
import type { Made } from '../types/credential-type.ts';
import { refOf } from './open.ts';
import type { CredentialDeps } from './service.ts';

export interface SealedVersion {
  readonly version: NewVersion;
  /** To be deleted by the transaction that stores {@link version}. */
  readonly intent: string | undefined;
}

export async function sealVersion(
  deps: Pick<CredentialDeps, 'vault' | 'intents' | 'entropy' | 'clock'>,
  made: Pick<Made, 'value' | 'plain'>,
  metadata: string | null,
): Promise<SealedVersion> {
  const id = deps.entropy.uuid();
  const { sealed, intent } = await seal(deps, id, made.value);
  return { version: { ...made.plain, id, createdAt: deps.clock.now(), metadata, sealed }, intent };
}

async function seal(
  deps: { readonly vault: SecretVault; readonly intents: Intents },
  id: string,
  value: Secret,
): Promise<{ sealed: Sealed; intent: string | undefined }> {
  const ref = refOf(id);
  if (!deps.vault.remote) return { sealed: await deps.vault.seal(ref, { value }), intent: undefined };
  const intent = await deps.intents.open(ref.path, { purpose: ref.purpose, id });
  try {
    return { sealed: await deps.vault.seal(ref, { value }), intent };
  } catch (error) {
    await abandon(deps, { id, intent });
    throw error;
  }
}

/** The row was not made, for certain. What cannot be destroyed now keeps its intent for the sweeper. */
export async function abandon(
  deps: { readonly vault: SecretVault; readonly intents: Intents },
  lost: { readonly id: string; readonly intent: string | undefined },
): Promise<void> {
  if (lost.intent === undefined) return;
  try {
    await deps.vault.destroy(refOf(lost.id));
    await deps.intents.close(lost.intent);
  } catch {
    // Not the caller's trouble: the intent stays.
  }
}
