/** Derives the 32 bytes of an encryption key from its configuration. */
import { argon2, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Secret } from '@credplex/core';
import { XAES_KEY_BYTES } from './xaes.ts';

/** One configured key. A file or text that is 32 bytes in base64 or hex is the key itself; anything else is a passphrase. */
export type KeySource = { readonly name: string; readonly active: boolean } & (
  | { readonly passphrase: Secret }
  | { readonly file: string }
);

/** How a key is derived from its configured text, as stored in the row of its canary. */
export interface Derivation {
  /** `raw`, or `argon2id:m=…,t=…,p=…`. */
  readonly kdf: string;
  readonly salt: Uint8Array | null;
}

/** RFC 9106, section 4, second recommended option: 64 MiB, three passes, four lanes. */
const ARGON2ID = 'argon2id:m=65536,t=3,p=4';
const SALT_BYTES = 16;

const deriveArgon2 = promisify(argon2);

/** Returns the configured text of a key. @throws Error that names the file and does not contain the text */
export function readSource(source: KeySource): string {
  if ('passphrase' in source) return source.passphrase.reveal();
  try {
    return readFileSync(source.file, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    throw new Error(`encryption key ${source.name}: cannot read ${source.file}`, { cause });
  }
}

function rawKey(text: string): Buffer | undefined {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  if (/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) {
    const key = Buffer.from(text, 'base64');
    return key.length === XAES_KEY_BYTES ? key : undefined;
  }
  return undefined;
}

export function newDerivation(text: string): Derivation {
  return rawKey(text) ? { kdf: 'raw', salt: null } : { kdf: ARGON2ID, salt: randomBytes(SALT_BYTES) };
}

/**
 * Derives the key from its text; resolves to `undefined` when the text cannot be a key of this derivation.
 * @throws Error when a newer release wrote the row
 */
export async function deriveKey(text: string, { kdf, salt }: Derivation): Promise<Uint8Array | undefined> {
  if (kdf === 'raw') return rawKey(text);
  const [, memory, passes, parallelism] = /^argon2id:m=(\d+),t=(\d+),p=(\d+)$/.exec(kdf) ?? [];
  if (!memory || !salt)
    throw new Error(`the database has a key made by ${kdf.split(':')[0]}, which this release does not know`);
  return deriveArgon2('argon2id', {
    message: text,
    nonce: salt,
    parallelism: Number(parallelism),
    tagLength: XAES_KEY_BYTES,
    memory: Number(memory),
    passes: Number(passes),
  });
}
