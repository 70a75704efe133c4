/** Seals the values of new versions. The rules for remote vaults are in `vault-write.ts`. */
import type { NewVersion, WriteRequest, WriteResult } from '../ports/records.ts';
import type { CredentialContent } from '../types/credential-type.ts';
import { abandonSealed, sealAndWrite, sealUnderIntent } from '../vault-write.ts';
import { refOf } from './open.ts';
import type { CredentialDeps } from './service.ts';

type SealDeps = Pick<CredentialDeps, 'vault' | 'intents' | 'entropy' | 'clock'>;
type Content = Pick<CredentialContent, 'value' | 'plain'>;

export interface SealedVersion {
  readonly version: NewVersion;
  /** The transaction that stores {@link version} must delete this intent. */
  readonly intent: string | undefined;
}

/** Seals a version and writes it with the request of `requestFor`. A failed write leaves no orphan in the vault. */
export function writeVersion(
  deps: SealDeps & Pick<CredentialDeps, 'records'>,
  made: Content,
  metadata: string | null,
  requestFor: (id: string) => Omit<WriteRequest, 'version' | 'intent'>,
): Promise<WriteResult> {
  const id = deps.entropy.uuid();
  return sealAndWrite(
    deps,
    refOf(id),
    { value: made.value },
    (sealed, intent) => {
      const version = { ...made.plain, id, createdAt: deps.clock.now(), metadata, sealed };
      return deps.records.write({ ...requestFor(id), version, intent });
    },
    ({ outcome }) => outcome === 'written',
  );
}

/**
 * Seals a version without writing it, for changes of several certificates. The caller must {@link abandon} it on
 * failure.
 */
export async function sealVersion(deps: SealDeps, made: Content, metadata: string | null): Promise<SealedVersion> {
  const id = deps.entropy.uuid();
  const { sealed, intent } = await sealUnderIntent(deps, refOf(id), { value: made.value });
  return { version: { ...made.plain, id, createdAt: deps.clock.now(), metadata, sealed }, intent };
}

/** Destroys the sealed value of a version that was not stored. */
export function abandon(
  deps: SealDeps,
  version: { readonly id: string; readonly intent: string | undefined },
): Promise<void> {
  return abandonSealed(deps, refOf(version.id), version.intent);
}
