/** The caller of CredHub's API (docs/reference/credhub-server.md#actors). */
export interface Principal {
  /**
   * `uaa-user:<id>`, `uaa-client:<id>` or `mtls-app:<guid>`. `undefined`: a valid token that names neither user nor client;
   * it may see what needs no actor (`/version`).
   */
  readonly actor: string | undefined;
  readonly mechanism: 'uaa' | 'mutual_tls';
  /** For the audit line: user_name, client_id, or `app:<guid>`. */
  readonly displayName: string;
  /**
   * Whether a token has both credhub.read and credhub.write (docs/reference/credhub-server.md#authentication).
   * Certificates need no scope.
   */
  readonly hasRequiredScopes: boolean;
}
