/** Reads the audit log, for `credplex audit`. */
import { and, desc, eq, gte, like, lt } from 'drizzle-orm';
import type { Database } from '../postgres/database.ts';
import { likeLiteral } from '../postgres/text.ts';
import { auditEvent } from '../schema/index.ts';

export interface AuditFilter {
  /** Inclusive. */
  readonly from?: Date | undefined;
  /** Exclusive. */
  readonly to?: Date | undefined;
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  /** An exact name, or a folder such as `/a/*`. */
  readonly resource?: string | undefined;
  /** Only rows with a smaller id: the last id of a page gives the next page. */
  readonly below?: number | undefined;
  readonly limit: number;
}

/** `details`: JSON text. */
export type AuditRow = Readonly<typeof auditEvent.$inferSelect>;

export interface AuditLog {
  /** Returns events, newest first. */
  list(filter: AuditFilter): Promise<AuditRow[]>;
}

function inFolder(folder: string) {
  return like(auditEvent.resource, `${likeLiteral(folder.slice(0, -1))}%`);
}

export function createAuditLog(db: Database): AuditLog {
  return {
    list: ({ from, to, actor, action, resource, below, limit }) =>
      db.slowQuery((queries) =>
        queries
          .select()
          .from(auditEvent)
          .where(
            and(
              from && gte(auditEvent.at, from),
              to && lt(auditEvent.at, to),
              actor === undefined ? undefined : eq(auditEvent.actor, actor),
              action === undefined ? undefined : eq(auditEvent.action, action),
              resource === undefined
                ? undefined
                : resource.endsWith('/*')
                  ? inFolder(resource)
                  : eq(auditEvent.resource, resource),
              below === undefined ? undefined : lt(auditEvent.id, below),
            ),
          )
          .orderBy(desc(auditEvent.id))
          .limit(limit),
      ),
  };
}
