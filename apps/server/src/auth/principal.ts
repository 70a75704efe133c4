/** Who is calling CredHub's API (server-facts 6.1). */
export interface Principal {
  /**
   * `uaa-user:<id>`, `uaa-client:<id>` or `mtls-app:<guid>`. `undefined`: a valid token that names neither user nor client;
   * it may see what needs no actor (`/version`).
   */
  readonly actor: string | undefined;
  readonly mechanism: 'uaa' | 'mutual_tls';
  /** For the audit line: user_name, client_id, or `app:<guid>`. */
  readonly displayName: string;
  /** Whether a token's scopes are enough (both credhub.read and credhub.write, server-facts 7.1). Certificates need none. */
  readonly mayUse: boolean;
}
