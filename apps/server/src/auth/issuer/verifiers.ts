/** Creates and checks the verifiers of user and client secrets. A {@link Verifier} may be stored, but not printed. */
import { type Argon2Parameters, argon2, createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { type Secret, secret, type Verifier } from '@credplex/core';
import { createConcurrencyLimit } from '../../concurrency-limit.ts';

/** OWASP Password Storage: argon2id with 19 MiB, two passes, one lane. */
const COST = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 } as const;
/** Half of libuv's four threads, so that key generation and signing continue during many logins. */
const MAX_CONCURRENT = 2;
/** 64 waiting logins are about two seconds of work; more would time out. */
const MAX_WAITING = 64;

export interface Verifiers {
  /** Creates the verifier of a secret that a person chose. */
  createChosen(text: Secret): Promise<Verifier>;
  /**
   * Returns whether the secret matches. A refusal always costs one argon2id, so that its duration does not reveal whether a name
   * exists (`verifier` is `undefined` if not). @throws TooManyLogins
   */
  check(text: Secret, verifier: Verifier | undefined): Promise<boolean>;
  /** Returns whether the secret is generated and correct. Cheap; 190 bits cannot be guessed. */
  matchesGenerated(text: Secret, verifier: Verifier | undefined): boolean;
}

/** Generates 32 characters out of 62: 190 bits, and no special characters of shells or URLs. */
export function generateSecret(): Secret {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  let text = '';
  while (text.length < 32) {
    // 248 is the largest multiple of 62 that a byte can hold: above it the remainder would favour the first letters.
    for (const byte of randomBytes(48)) if (byte < 248 && text.length < 32) text += alphabet[byte % 62];
  }
  return secret(text);
}

/** Returns the verifier of a secret of {@link generateSecret}, whose entropy needs no key stretching. */
export function generatedVerifier(text: Secret): Verifier {
  return `sha256:${digest(text).toString('base64url')}`;
}

export const PUBLIC_CLIENT: Verifier = 'public';

export function createVerifiers(): Verifiers {
  const limit = createConcurrencyLimit(MAX_CONCURRENT, MAX_WAITING);
  const deriveTag = (text: Secret, nonce: Uint8Array, cost: Omit<Argon2Parameters, 'message' | 'nonce'>) =>
    limit(
      () =>
        new Promise<Buffer>((resolve, reject) => {
          argon2('argon2id', { message: text.reveal(), nonce, ...cost }, (error, tag) =>
            error ? reject(error) : resolve(tag),
          );
        }),
    );
  const refuseInSameTime = async (text: Secret): Promise<false> => {
    await deriveTag(text, randomBytes(16), COST);
    return false;
  };

  const matchesGenerated = (text: Secret, verifier: Verifier | undefined): boolean =>
    verifier?.startsWith('sha256:') === true &&
    isEqual(Buffer.from(verifier.slice('sha256:'.length), 'base64url'), digest(text));

  return {
    matchesGenerated,
    async createChosen(text) {
      const nonce = randomBytes(16);
      const tag = await deriveTag(text, nonce, COST);
      return `$argon2id$v=19$m=${COST.memory},t=${COST.passes},p=${COST.parallelism}$${toBase64(nonce)}$${toBase64(tag)}`;
    },
    async check(text, verifier) {
      if (verifier === PUBLIC_CLIENT) return text.reveal() === '';
      if (matchesGenerated(text, verifier)) return true;
      const phc = verifier === undefined ? undefined : parsePhc(verifier);
      if (phc === undefined) return refuseInSameTime(text);
      return isEqual(phc.tag, await deriveTag(text, phc.nonce, phc.cost));
    },
  };
}

function digest(text: Secret): Buffer {
  return createHash('sha256').update(text.reveal()).digest();
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '');
}

/** The PHC string contains its cost, so that a later release may raise {@link COST} and still check older verifiers. */
function parsePhc(verifier: Verifier) {
  const parts = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(verifier);
  if (parts === null) return undefined;
  const tag = Buffer.from(parts[5] ?? '', 'base64');
  return {
    nonce: Buffer.from(parts[4] ?? '', 'base64'),
    tag,
    cost: { memory: Number(parts[1]), passes: Number(parts[2]), parallelism: Number(parts[3]), tagLength: tag.length },
  };
}
