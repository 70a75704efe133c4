/**
 * The keys of the vault `sql`. Each has a row in `key_canary` with a sealed constant, so that a wrong key is detected at start and
 * not at the first read. The first start registers its keys in the empty database; later only {@link addKey} does. A start with a
 * forgotten or mistyped key must never seal under a new one.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { eq, isNotNull, isNull, sql } from 'drizzle-orm';
import type { Database, Transaction } from '../postgres/database.ts';
import { keyCanary } from '../schema/index.ts';
import { deriveKey, type KeySource, newDerivation, readSource } from './key-source.ts';
import { associatedData, type KeyRing, type RingKey } from './sql.ts';
import { countUsedKeys } from './used-keys.ts';
import { XAES_NONCE_BYTES, type Xaes, xaes } from './xaes.ts';

type CanaryRow = typeof keyCanary.$inferSelect;

/** An advisory lock number that no other code uses. */
const KEY_RING_LOCK = 727_003;
const CANARY = Buffer.from('credplex key canary');

function sealCanary(cipher: Xaes, keyId: string): Buffer {
  const nonce = randomBytes(XAES_NONCE_BYTES);
  return Buffer.concat([nonce, cipher.seal(nonce, CANARY, associatedData({ purpose: 'shared', id: 'canary' }, keyId))]);
}

function opensCanary(cipher: Xaes, { keyId, canary }: CanaryRow): boolean {
  const associated = associatedData({ purpose: 'shared', id: 'canary' }, keyId);
  return cipher.open(canary.subarray(0, XAES_NONCE_BYTES), canary.subarray(XAES_NONCE_BYTES), associated) !== undefined;
}

async function unlockKey(text: string, row: CanaryRow): Promise<RingKey | undefined> {
  const key = await deriveKey(text, row);
  const cipher = key && xaes(key);
  return cipher && opensCanary(cipher, row) ? { id: row.keyId, name: row.name, cipher } : undefined;
}

/** Finds the row that a configured key opens: first the row of the same name, then the others, because a key may be renamed. */
async function findKey(source: KeySource, rows: readonly CanaryRow[]): Promise<RingKey | undefined> {
  const text = readSource(source);
  const named = rows.filter((row) => row.name === source.name);
  for (const row of [...named, ...rows.filter((row) => row.name !== source.name)]) {
    const key = await unlockKey(text, row);
    if (key) return key;
  }
  if (named.length > 0)
    throw new Error(`encryption key ${source.name} is not the one that the database was sealed with`);
  return undefined;
}

async function createKey(tx: Transaction, source: KeySource): Promise<RingKey> {
  const text = readSource(source);
  if (text === '') throw new Error(`encryption key ${source.name} is empty`);
  const derivation = newDerivation(text);
  const key = await deriveKey(text, derivation);
  if (!key) throw new Error(`encryption key ${source.name} cannot be used`);
  const cipher = xaes(key);
  const id = randomUUID();
  const canary = sealCanary(cipher, id);
  await tx.queries.insert(keyCanary).values({ keyId: id, name: source.name, ...derivation, canary });
  return { id, name: source.name, cipher };
}

async function lockCanaries(tx: Transaction): Promise<CanaryRow[]> {
  await tx.run('select pg_advisory_xact_lock($1)', [KEY_RING_LOCK]);
  return tx.queries.select().from(keyCanary).where(isNull(keyCanary.retiredAt)).orderBy(keyCanary.createdAt);
}

/** Writes a random key to a new file and syncs it to disk before anything is sealed with it. */
function generateKeyFile(file: string): void {
  const handle = openSync(file, 'wx', 0o600);
  writeSync(handle, `${randomBytes(32).toString('base64')}\n`);
  fsyncSync(handle);
  closeSync(handle);
}

export interface KeyRingConfig {
  /** Exactly one is active. Empty: the generated file. */
  readonly keys: readonly KeySource[];
  /** File of the key that the first start generates when none is configured. */
  readonly generatedFile?: string | undefined;
}

function keySources({ keys, generatedFile }: KeyRingConfig, empty: boolean): readonly KeySource[] {
  if (keys.length > 0) return keys;
  if (generatedFile === undefined) throw new Error('no encryption key is configured (encryption.keys)');
  if (!existsSync(generatedFile)) {
    if (!empty) {
      throw new Error(
        `the database is sealed with a key that is not here: neither encryption.keys nor ${generatedFile} has it`,
      );
    }
    generateKeyFile(generatedFile);
  }
  return [{ name: 'generated', file: generatedFile, active: true }];
}

/**
 * Opens the configured keys and checks each against the database.
 * @throws Error with one line for the operator: unknown, wrong, missing or unreadable key, or not exactly one active key
 */
export function openKeyRing(db: Database, config: KeyRingConfig): Promise<KeyRing> {
  return db.transaction(async (tx) => {
    const rows = await lockCanaries(tx);
    const sources = keySources(config, rows.length === 0);
    if (sources.filter((source) => source.active).length !== 1)
      throw new Error('exactly one encryption key must be active');
    const keys = new Map<string, RingKey>();
    let active: RingKey | undefined;
    for (const source of sources) {
      const key = rows.length === 0 ? await createKey(tx, source) : await findKey(source, rows);
      if (!key) {
        throw new Error(
          `encryption key ${source.name} is unknown to the database; add it with: credplex keys add ${source.name}`,
        );
      }
      if (keys.has(key.id)) throw new Error(`encryption key ${source.name} is configured twice`);
      keys.set(key.id, key);
      if (source.active) active = key;
    }
    if (!active) throw new Error('no encryption key is active');
    return { active, keys };
  });
}

/**
 * Reinstates a retired key under its old id. A replica that was not restarted in time may have sealed values under that id, and
 * they open only with it.
 */
async function reinstateKey(tx: Transaction, source: KeySource): Promise<string | undefined> {
  const text = readSource(source);
  for (const row of await tx.queries.select().from(keyCanary).where(isNotNull(keyCanary.retiredAt))) {
    if (!(await unlockKey(text, row))) continue;
    await tx.queries
      .update(keyCanary)
      .set({ retiredAt: null, name: source.name })
      .where(eq(keyCanary.keyId, row.keyId));
    return row.keyId;
  }
  return undefined;
}

/** Registers a key, for `credplex keys add`. It seals nothing until it is configured as active. */
export function addKey(db: Database, source: KeySource): Promise<{ id: string; name: string }> {
  return db.transaction(async (tx) => {
    const rows = await lockCanaries(tx);
    if (rows.some((row) => row.name === source.name))
      throw new Error(`there is an encryption key ${source.name} already`);
    if (await findKey(source, rows)) throw new Error('the database knows this key under another name');
    const id = (await reinstateKey(tx, source)) ?? (await createKey(tx, source)).id;
    return { id, name: source.name };
  });
}

export interface KnownKey {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
}

/** Returns the keys that the database knows, oldest first. */
export function listKeys(db: Database): Promise<KnownKey[]> {
  const { keyId: id, name, createdAt, retiredAt } = keyCanary;
  return db.slowQuery((queries) =>
    queries.select({ id, name, createdAt }).from(keyCanary).where(isNull(retiredAt)).orderBy(createdAt),
  );
}

/** Retires a key, for `credplex keys retire`. @throws Error with one line for the operator when it is unknown or still in use */
export function retireKey(db: Database, name: string): Promise<void> {
  return db.transaction(async (tx) => {
    const row = (await lockCanaries(tx)).find((candidate) => candidate.name === name);
    if (!row) throw new Error(`the database knows no encryption key ${name}`);
    const used = (await countUsedKeys(tx.run)).get(row.keyId) ?? 0;
    if (used > 0)
      throw new Error(
        `encryption key ${name} still seals ${used} values; activate another key and wait for its rotation`,
      );
    await tx.queries.update(keyCanary).set({ retiredAt: sql`now()` }).where(eq(keyCanary.keyId, row.keyId));
  });
}
