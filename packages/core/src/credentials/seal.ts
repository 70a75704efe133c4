/** New versions with their value sealed (the rules of remote vaults are in `vault-write.ts`). */
import type { NewVersion, WriteRequest, WriteResult } from '../ports/records.ts';
import type { Made } from '../types/credential-type.ts';
import { abandonSealed, sealAndWrite, sealUnderIntent } from '../vault-write.ts';
import { refOf } from './open.ts';
import type { CredentialDeps } from './service.ts';

type SealDeps = Pick<CredentialDeps, 'vault' | 'intents' | 'entropy' | 'clock'>;
type Content = Pick<Made, 'value' | 'plain'>;

export interface SealedVersion {
  readonly version: NewVersion;
  /** To be deleted by the transaction that stores {@link version}. */
  readonly intent: string | undefined;
}

/** One version and its write, which the request says the rest about. What came to nothing leaves nothing in the vault. */
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

/** For changes of several certificates: {@link abandon} is up to the caller. */
export async function sealVersion(deps: SealDeps, made: Content, metadata: string | null): Promise<SealedVersion> {
  const id = deps.entropy.uuid();
  const { sealed, intent } = await sealUnderIntent(deps, refOf(id), { value: made.value });
  return { version: { ...made.plain, id, createdAt: deps.clock.now(), metadata, sealed }, intent };
}

export function abandon(
  deps: SealDeps,
  version: { readonly id: string; readonly intent: string | undefined },
): Promise<void> {
  return abandonSealed(deps, refOf(version.id), version.intent);
}
