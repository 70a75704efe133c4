/**
 * One audited operation, without secret values. The record store writes the event of a change in the same transaction;
 * events of reads go through {@link ReadAudit}.
 */
export interface AuditEvent {
  readonly at: Date;
  readonly requestId: string;
  /** `uaa-client:…`, `uaa-user:…`, `mtls-app:…`, `user:…`, `service:…` or `operator` (the command line). */
  readonly actor: string;
  /** CredHub's deviceAction (SET, GENERATE, ADD_PERMISSIONS …) or Plexsphere's action (`cloud_credential.issue` …). */
  readonly action: string;
  /** Credential name, permission path, or `type:id`. */
  readonly resource: string | null;
  readonly versionId?: string | null;
  /** Further fields without secrets, for example the granted operations. */
  readonly details?: Readonly<Record<string, string | number | boolean | readonly string[] | null>>;
}

/** The audit of reads: an asynchronous, bounded queue that is flushed in batches at least every 200 ms. */
export interface ReadAudit {
  /** Resolves when the queue has room. A full queue applies backpressure and drops nothing. */
  append(event: AuditEvent): Promise<void> | void;
}
