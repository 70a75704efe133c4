/**
 * Seals a secret and writes its row so that no crash leaves a row without its secret
 * (docs/decisions/0002-vault-seals-row-carries.md).
 */
import { CredError } from './errors.ts';
import type { Intents } from './ports/intents.ts';
import type { Sealed, SecretDocument, SecretRef, SecretVault } from './ports/vault.ts';
import { type SweepReport, sweepRows } from './sweep-rows.ts';

export interface VaultWriteDeps {
  readonly vault: SecretVault;
  readonly intents: Intents;
}

/**
 * Seals `document`, then calls `write` with the result and the intent, which the transaction must delete. When `write`
 * throws, or `isStored` returns false for its result, the sealed path is destroyed.
 *
 * After `unavailable` it is unknown whether the transaction was committed, so nothing is destroyed. A committed
 * transaction has deleted the intent; otherwise the intent remains and {@link sweepIntents} destroys the path later.
 */
export async function sealAndWrite<T>(
  deps: VaultWriteDeps,
  ref: SecretRef,
  document: SecretDocument,
  write: (sealed: Sealed, intent: string | undefined) => Promise<T>,
  isStored: (result: T) => boolean = () => true,
): Promise<T> {
  const { sealed, intent } = await sealUnderIntent(deps, ref, document);
  if (intent === undefined) return write(sealed, undefined);
  let result: T;
  try {
    result = await write(sealed, intent);
  } catch (cause) {
    if (!(cause instanceof CredError && cause.code === 'unavailable'))
      await compensate(deps, ref, { intent, sealed }, cause);
    throw cause;
  }
  if (!isStored(result)) await compensate(deps, ref, { intent, sealed }, undefined);
  return result;
}

/**
 * Seals a document. For a remote vault, an intent is committed first. The caller must write the row, or call
 * {@link abandonSealed} if that fails.
 */
export async function sealUnderIntent(
  deps: VaultWriteDeps,
  ref: SecretRef,
  document: SecretDocument,
): Promise<{ sealed: Sealed; intent: string | undefined }> {
  const { vault, intents } = deps;
  if (!vault.remote) return { sealed: await vault.seal(ref, document), intent: undefined };
  const intent = await intents.open(ref.path, { purpose: ref.purpose, id: ref.id, keyId: vault.activeKeyId() });
  return { sealed: await sealOrCloseIntent(deps, ref, document, intent), intent };
}

/**
 * Destroys a sealed value whose row was certainly not written. Never throws: on failure the intent remains and the
 * sweeper retries.
 */
export async function abandonSealed(deps: VaultWriteDeps, ref: SecretRef, intent: string | undefined): Promise<void> {
  if (intent === undefined) return;
  try {
    await deps.vault.destroy(ref, deps.vault.activeKeyId());
    await deps.intents.close(intent);
  } catch {
    // The sweeper retries.
  }
}

/** Returns whether the vault reported that it stored nothing. After a conflict the path belongs to another writer. */
export function isCertainlyUnwritten(error: unknown): boolean {
  return (
    error instanceof CredError && ['vault_conflict', 'vault_refused', 'request_body_too_large'].includes(error.code)
  );
}

async function sealOrCloseIntent(
  { vault, intents }: VaultWriteDeps,
  ref: SecretRef,
  document: SecretDocument,
  intent: string,
): Promise<Sealed> {
  try {
    return await vault.seal(ref, document);
  } catch (cause) {
    // After any other failure the vault may have stored the value, so the intent remains for the sweeper.
    if (isCertainlyUnwritten(cause)) await intents.close(intent).catch(() => undefined);
    throw cause;
  }
}

/** Destroys the sealed value. On failure the intent remains for the sweeper, and `cause` is reported first. */
async function compensate(
  deps: VaultWriteDeps,
  ref: SecretRef,
  { intent, sealed }: { readonly intent: string; readonly sealed: Sealed },
  cause: unknown,
): Promise<void> {
  try {
    await deps.vault.destroy(ref, sealed.keyId);
    await deps.intents.close(intent);
  } catch (failure) {
    if (cause === undefined) return;
    throw new CredError('internal', {}, { cause: new AggregateError([cause, failure], 'the compensation failed too') });
  }
}

const SWEEP_BATCH = 50;

/**
 * Destroys orphans in the vault: the paths of intents opened before `openedBefore`, and of deleted rows. `at` is the
 * current time. @throws CredError `unavailable`
 */
export function sweepIntents(
  { vault, intents }: VaultWriteDeps,
  { openedBefore, at, signal }: { readonly openedBefore: Date; readonly at: Date; readonly signal?: AbortSignal },
): Promise<SweepReport> {
  return sweepRows({
    limit: SWEEP_BATCH,
    signal,
    claim: (limit) => intents.claimStale({ openedBefore, at, limit }),
    async act({ intent, path, purpose, id, keyId }) {
      await vault.destroy({ path, id, purpose: purpose as SecretRef['purpose'] }, keyId);
      await intents.close(intent);
    },
  });
}
