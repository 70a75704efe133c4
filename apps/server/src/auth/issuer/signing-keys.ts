/**
 * The RS256 signing keys of the issuer. They are stored sealed in the database, one entry per generation (`issuer/rs256/000001`), so
 * that all replicas sign with and publish the same keys. A generation is created with put-if-absent: replicas that start or rotate
 * concurrently agree on the first one stored.
 */
import { createHash, createPrivateKey, createPublicKey, generateKeyPair, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import {
  type Clock,
  CredError,
  type Entropy,
  type SecretDocument,
  type SecretRef,
  type SecretVault,
  type SharedSecrets,
  secret,
} from '@credplex/core';

const PREFIX = 'issuer/rs256/';
/** A generation is used to sign for thirty days. */
const LIFETIME_SECONDS = 30 * 86_400;
/** A new generation is published this long before it signs, because verifiers cache a JWKS (Spring: five minutes). */
const LEAD_SECONDS = 900;
/** A generation stays published this long after its last signature, until its last token has expired. */
const TAIL_SECONDS = 3_600;
/** Interval at which a replica checks for a rotation by another one. */
const REFRESH_SECONDS = 60;

export interface PublicSigningKey {
  /** The RFC 7638 thumbprint of the key. */
  readonly kid: string;
  /** SubjectPublicKeyInfo PEM. */
  readonly pem: string;
  readonly key: KeyObject;
  readonly n: string;
  readonly e: string;
}

export interface SigningKeys {
  /** Returns the compact JWS of a payload, signed off the event loop with the current key. */
  sign(header: Readonly<Record<string, string>>, payload: Readonly<Record<string, unknown>>): Promise<string>;
  /** Returns all published keys, the signing key first. Reloaded once a minute; with `refresh` if older than a second. */
  published(options?: { readonly refresh: boolean }): Promise<readonly PublicSigningKey[]>;
  /** Returns the key of a kid; an unknown kid reloads the keys, at most once a second. */
  find(kid: string): Promise<PublicSigningKey | undefined>;
  /** Returns whether a key is published, as far as this process knows. No I/O. */
  isPublished(kid: string): boolean;
  /** Creates the next generation when it is due and deletes past ones. Safe on all replicas concurrently. */
  rotate(): Promise<void>;
}

interface Generation {
  readonly number: number;
  readonly madeAt: Date;
  readonly privateKey: KeyObject;
  readonly publicKey: PublicSigningKey;
}

export interface SigningKeyDeps {
  readonly shared: SharedSecrets;
  readonly vault: Pick<SecretVault, 'seal' | 'open' | 'destroy'>;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: { warn(fields: Readonly<Record<string, unknown>>, text: string): void };
}

export function createSigningKeys(deps: SigningKeyDeps): SigningKeys {
  const { clock } = deps;
  let generations: readonly Generation[] = [];
  /** Stored, but not opened here: each is logged once. */
  let unreadable: ReadonlySet<number> = new Set();
  let loadedAt = 0;
  let loading: Promise<void> | undefined;

  const load = (): Promise<void> => {
    loading ??= readGenerations(deps, generations)
      .then(async ({ readable, failures }) => {
        for (const [number, error] of failures) if (!unreadable.has(number)) warnUnreadable(deps, number, error);
        generations = readable.length > 0 ? readable : [await makeGeneration(deps, 1)];
        unreadable = new Set(failures.keys());
        loadedAt = clock.now().getTime();
      })
      .finally(() => {
        loading = undefined;
      });
    return loading;
  };

  const loadIfOlderThan = async (maxAgeSeconds: number): Promise<readonly Generation[]> => {
    if (generations.length === 0 || clock.now().getTime() - loadedAt >= maxAgeSeconds * 1000) {
      // Loaded keys stay in use while the database is unavailable.
      await load().catch((error: unknown) => {
        if (generations.length === 0) throw error;
      });
    }
    return generations;
  };

  const signingGeneration = (all: readonly Generation[]): Generation => {
    const now = clock.now().getTime();
    const ready = all.filter(({ madeAt }) => now - madeAt.getTime() >= LEAD_SECONDS * 1000);
    const chosen = ready.at(-1) ?? all[0];
    if (chosen === undefined) throw new Error('the issuer has no signing key');
    return chosen;
  };

  return {
    async sign(header, payload) {
      const { privateKey, publicKey } = signingGeneration(await loadIfOlderThan(REFRESH_SECONDS));
      const head = { ...header, alg: 'RS256', kid: publicKey.kid, typ: 'JWT' };
      const input = `${encode(head)}.${encode(payload)}`;
      const signature = await signAsync('sha256', Buffer.from(input), privateKey);
      return `${input}.${signature.toString('base64url')}`;
    },
    async published(options) {
      const all = await loadIfOlderThan(options?.refresh ? 1 : REFRESH_SECONDS);
      const first = signingGeneration(all);
      return [first, ...all.filter((one) => one !== first).reverse()].map(({ publicKey }) => publicKey);
    },
    async find(kid) {
      const findKey = (all: readonly Generation[]) => all.find(({ publicKey }) => publicKey.kid === kid)?.publicKey;
      return findKey(await loadIfOlderThan(REFRESH_SECONDS)) ?? findKey(await loadIfOlderThan(1));
    },
    async rotate() {
      await load();
      const now = clock.now().getTime();
      const newest = generations.at(-1);
      if (newest !== undefined && now - newest.madeAt.getTime() >= (LIFETIME_SECONDS - LEAD_SECONDS) * 1000) {
        await makeGeneration(deps, newest.number + 1);
        await load();
      }
      const isPast = (number: number): boolean => isReplaced(number, generations, now);
      for (const { number } of generations) if (isPast(number)) await deleteGeneration(deps, entryName(number));
      // The sealed bytes are all that there is of a key that does not open.
      for (const number of unreadable) if (isPast(number)) await deps.shared.remove(entryName(number));
      await load();
    },
    isPublished: (kid) => generations.some(({ publicKey }) => publicKey.kid === kid),
  };
}

/** Returns whether the tokens that a generation signed have all ended. */
function isReplaced(old: number, generations: readonly Generation[], now: number): boolean {
  const next = generations.find(({ number }) => number > old);
  return next !== undefined && now - next.madeAt.getTime() >= (LEAD_SECONDS + TAIL_SECONDS) * 1000;
}

const signAsync = promisify<string, Buffer, KeyObject, Buffer>(sign);
function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function entryName(number: number): string {
  return `${PREFIX}${String(number).padStart(6, '0')}`;
}

function secretRef(name: string, id: string): SecretRef {
  return { purpose: 'shared', id, path: `shared/${name}/${id}` };
}

/**
 * Opens what is stored. An older generation that does not open costs the tokens that it signed; without the newest, which other
 * replicas sign with, this one cannot be an issuer.
 * @throws CredError of the newest generation; of any while its vault is away
 */
async function readGenerations(
  deps: SigningKeyDeps,
  known: readonly Generation[],
): Promise<{ readable: Generation[]; failures: ReadonlyMap<number, unknown> }> {
  const entries = await deps.shared.list(PREFIX);
  const readable: Generation[] = [];
  const failures = new Map<number, unknown>();
  for (const { name, id, sealed } of entries) {
    const number = Number(name.slice(PREFIX.length));
    try {
      const loaded = known.find((one) => one.number === number);
      readable.push(loaded ?? decodeGeneration(number, await deps.vault.open(secretRef(name, id), sealed)));
    } catch (error) {
      if (name === entries.at(-1)?.name || isOutage(error)) throw error;
      failures.set(number, error);
    }
  }
  return { readable, failures };
}

const isOutage = (error: unknown): boolean =>
  error instanceof CredError && (error.code === 'unavailable' || error.code === 'vault_unavailable');

function warnUnreadable({ log }: SigningKeyDeps, number: number, error: unknown): void {
  const text = 'a signing key of the token issuer does not open: tokens that it signed are refused';
  log.warn({ entry: entryName(number), err: error }, text);
}

async function deleteGeneration(deps: SigningKeyDeps, name: string): Promise<void> {
  const stored = await deps.shared.get(name);
  await deps.shared.remove(name);
  if (stored !== undefined) await deps.vault.destroy(secretRef(name, stored.id), stored.sealed.keyId);
}

async function makeGeneration(deps: SigningKeyDeps, number: number): Promise<Generation> {
  const pair = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const name = entryName(number);
  const id = deps.entropy.uuid();
  const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const document = { private_key: secret(pem), made_at: secret(deps.clock.now().toISOString()) };
  const sealed = await deps.vault.seal(secretRef(name, id), document);
  const stored = await deps.shared.putIfAbsent(name, { id, sealed });
  if (stored.id === id) return decodeGeneration(number, document);
  await deps.vault.destroy(secretRef(name, id), sealed.keyId);
  return decodeGeneration(number, await deps.vault.open(secretRef(name, stored.id), stored.sealed));
}

function decodeGeneration(number: number, document: SecretDocument): Generation {
  const privateKey = createPrivateKey(document.private_key?.reveal() ?? '');
  const key = createPublicKey(privateKey);
  const { n = '', e = '' } = key.export({ format: 'jwk' });
  const pem = key.export({ type: 'spki', format: 'pem' }).toString();
  // RFC 7638, section 3: the required members in lexicographic order, without spaces.
  const kid = createHash('sha256')
    .update(JSON.stringify({ e, kty: 'RSA', n }))
    .digest('base64url');
  return { number, madeAt: new Date(document.made_at?.reveal() ?? 0), privateKey, publicKey: { kid, pem, key, n, e } };
}
