import type { Database, Value } from '../postgres/database.ts';

export interface AuditFilter {
  /** Inclusive. */
  readonly from?: Date | undefined;
  /** Exclusive. */
  readonly to?: Date | undefined;
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  /** Exact, or a folder as `/a/*`. */
  readonly resource?: string | undefined;
  /** Only rows with a smaller id: the last id of a page gives the next page. */
  readonly below?: number | undefined;
  readonly limit: number;
}

export interface AuditRow {
  readonly id: number;
  readonly at: Date;
  readonly requestId: string;
  readonly actor: string;
  readonly action: string;
  readonly resource: string | null;
  readonly versionId: string | null;
  /** JSON text. */
  readonly details: string | null;
}

/** What `credplex audit` reads. Newest first. */
export interface AuditLog {
  list(filter: AuditFilter): Promise<AuditRow[]>;
}

interface AuditRecord {
  readonly id: string;
  readonly at: Date;
  readonly request_id: string;
  readonly actor: string;
  readonly action: string;
  readonly resource: string | null;
  readonly version_id: string | null;
  readonly details: string | null;
}

export function createAuditLog(db: Database): AuditLog {
  return {
    async list(filter) {
      const { auditQuery } = await import('./audit-query.ts');
      const { sql, params } = auditQuery(filter);
      const rows = await db.slowQuery<AuditRecord>(sql, params as Value[]);
      return rows.map(({ id, at, request_id, actor, action, resource, version_id, details }) => ({
        id: Number(id),
        at,
        requestId: request_id,
        actor,
        action,
        resource,
        versionId: version_id,
        details,
      }));
    },
  };
}
