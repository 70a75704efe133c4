/** The HMAC key of page cursors. It is generated once, sealed, and stored as a secret that all replicas share. */
import { CredError } from '../errors.ts';
import type { Entropy } from '../ports/clock.ts';
import type { SharedSecrets } from '../ports/shared-secrets.ts';
import type { SecretDocument, SecretRef, SecretVault } from '../ports/vault.ts';
import { secret } from '../secret.ts';

const NAME = 'plexsphere/cursor';

function ref(id: string): SecretRef {
  return { purpose: 'shared', id, path: `shared/${NAME}/${id}` };
}

function unpack(document: SecretDocument): Uint8Array {
  const key = Buffer.from(document.key?.reveal() ?? '', 'base64url');
  if (key.length !== 32) throw new CredError('vault_corrupt');
  return key;
}

/** Loads the key, or generates it on the first call of an installation. @throws CredError of vault and record store */
export async function loadCursorKey(deps: {
  readonly shared: SharedSecrets;
  readonly vault: SecretVault;
  readonly entropy: Entropy;
}): Promise<Uint8Array> {
  const { shared, vault, entropy } = deps;
  const existing = await shared.get(NAME);
  if (existing !== undefined) return unpack(await vault.open(ref(existing.id), existing.sealed));
  const id = entropy.uuid();
  const document = { key: secret(Buffer.from(entropy.bytes(32)).toString('base64url')) };
  const sealed = await vault.seal(ref(id), document);
  const stored = await shared.putIfAbsent(NAME, { id, sealed });
  if (stored.id === id) return unpack(document);
  await vault.destroy(ref(id), sealed.keyId);
  return unpack(await vault.open(ref(stored.id), stored.sealed));
}
