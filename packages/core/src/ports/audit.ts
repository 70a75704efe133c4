/**
 * One audited act, without values. Changes hand it to the record store, which writes it in the change's own
 * transaction; reads go through {@link ReadAudit}.
 */
export interface AuditEvent {
  readonly at: Date;
  readonly requestId: string;
  /** `uaa-client:…`, `uaa-user:…`, `mtls-app:…`, `user:…`, `service:…` or `operator` (the command line). */
  readonly actor: string;
  /**
   * CredHub's deviceAction words (SET, GENERATE, DELETE, ADD_PERMISSIONS …) or Plexsphere's (`cloud_credential.issue`
   * …).
   */
  readonly action: string;
  /** Credential name, permission path, or `type:id`. */
  readonly resource: string | null;
  readonly versionId?: string | null;
  /** Small facts without secrets, e.g. operations granted. */
  readonly details?: Readonly<Record<string, string | number | boolean | readonly string[] | null>>;
}

/** Audit of reads, off the request's path: batched, at least every 200 ms, from a bounded queue. */
export interface ReadAudit {
  /** Resolves at once while the queue has room, else when it has: a full queue slows callers and drops nothing. */
  append(event: AuditEvent): Promise<void> | void;
}
