/** Where the keys come from that sign bearer tokens: an outside UAA, or the built-in issuer in this process. */
import type { KeyObject } from 'node:crypto';

export const TOKEN_ALGORITHMS = ['RS256', 'ES256', 'EdDSA'] as const;
export type TokenAlgorithm = (typeof TOKEN_ALGORITHMS)[number];

export interface VerificationKey {
  /** As in the header of tokens; `undefined` where the source gives none. */
  readonly kid: string | undefined;
  readonly algorithm: TokenAlgorithm;
  /** Public key. */
  readonly key: KeyObject;
  /** Tells this key from every other one the source ever had (RFC 7638 thumbprint). */
  readonly thumbprint: string;
}

export interface KeySource {
  /** The `iss` its tokens must carry. @throws CredError `unavailable` while it cannot be learnt */
  issuer(): Promise<string>;
  /**
   * The keys that verify now. `refresh`: a token names a key that is not among them, look again (the source decides how
   * often it really does). Cached keys go on working while the source is away. @throws CredError `unavailable` without any, and
   * when it was asked to look again and could not
   */
  keys(options: { readonly refresh: boolean }): Promise<readonly VerificationKey[]>;
  /** Whether a key seen earlier still verifies. No I/O: asked on each use of a remembered token. */
  isCurrent(thumbprint: string): boolean;
  /**
   * Whether a token was revoked; asked once per verification with its claims. Sources that know no revocation answer false.
   */
  revoked(claims: Readonly<Record<string, unknown>>): Promise<boolean> | boolean;
  /**
   * Calls back when tokens were revoked in this process: the authenticator forgets what it remembers. Returns an unsubscriber.
   */
  onRevoked(forget: () => void): () => void;
}
