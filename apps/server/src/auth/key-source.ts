/** The source of keys that verify bearer tokens: an external UAA, or the built-in issuer of this process. */
import type { KeyObject } from 'node:crypto';

export const TOKEN_ALGORITHMS = ['RS256', 'ES256', 'EdDSA'] as const;
export type TokenAlgorithm = (typeof TOKEN_ALGORITHMS)[number];

export interface VerificationKey {
  /** Key id in the header of tokens; `undefined` when the source has none. */
  readonly kid: string | undefined;
  readonly algorithm: TokenAlgorithm;
  /** Public key. */
  readonly key: KeyObject;
  /** RFC 7638 thumbprint, unique among all keys of the source. */
  readonly thumbprint: string;
}

export interface KeySource {
  /** Returns the required `iss` of tokens. @throws CredError `unavailable` while it cannot be loaded */
  issuer(): Promise<string>;
  /**
   * Returns the current keys. `refresh`: reload, because a token names an unknown key; the source limits how often it does. Cached
   * keys stay in use while the source is unavailable.
   * @throws CredError `unavailable` without any keys, and when a reload fails
   */
  keys(options: { readonly refresh: boolean }): Promise<readonly VerificationKey[]>;
  /** Returns whether a key is still valid. No I/O, because each use of a cached token calls it. */
  isCurrent(thumbprint: string): boolean;
  /**
   * Returns whether a token was revoked; called once per verification. Sources without revocation return `false`.
   */
  revoked(claims: Readonly<Record<string, unknown>>): Promise<boolean> | boolean;
  /**
   * Calls `forget` after each revocation in this process, to clear caches. Returns a function that unsubscribes it.
   */
  onRevoked(forget: () => void): () => void;
}
