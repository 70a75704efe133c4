/** The caller of CredHub's API (docs/reference/credhub-server.md#actors). */
export interface Principal {
  /**
   * `uaa-user:<id>`, `uaa-client:<id>` or `mtls-app:<guid>`. `undefined` for a valid token without user and client, which may use
   * only endpoints that need no actor (`/version`).
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
