import type { AuditEvent } from '@credplex/core';
import { type Storage, writeAudit } from '@credplex/storage';

/** Writes an event about a key to the audit log. */
export function recordEvent(storage: Storage, event: AuditEvent): Promise<void> {
  return storage.sql.transaction((tx) => writeAudit(tx, [event]));
}
