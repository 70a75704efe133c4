/** Reads the audit log, for `credplex audit`. */
import { and, desc, eq, gte, like, lt, sql } from 'drizzle-orm';
import type { Database } from '../postgres/database.ts';
import { likeLiteral } from '../postgres/text.ts';
import { hashOf } from '../schema/columns.ts';
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

/** Compares by the index of hashes first. */
function equals(column: typeof auditEvent.actor | typeof auditEvent.resource, text: string) {
  return and(sql`${hashOf(column)} = ${hashOf(text)}`, eq(column, text));
}

/**
 * Returns the order of the log, newest first. Between two times it is written so that the primary key cannot give it: PostgreSQL
 * does not know that ids follow time, and would read every newer row to find an old window.
 */
function newestFirst({ from, to }: AuditFilter) {
  return desc(from && to ? sql`(${auditEvent.id} + 0)` : auditEvent.id);
}

export function createAuditLog(db: Database): AuditLog {
  return {
    list: (filter) => {
      const { from, to, actor, action, resource, below, limit } = filter;
      return db.slowQuery((queries) =>
        queries
          .select()
          .from(auditEvent)
          .where(
            and(
              from && gte(auditEvent.at, from),
              to && lt(auditEvent.at, to),
              actor === undefined ? undefined : equals(auditEvent.actor, actor),
              action === undefined ? undefined : eq(auditEvent.action, action),
              resource === undefined
                ? undefined
                : resource.endsWith('/*')
                  ? inFolder(resource)
                  : equals(auditEvent.resource, resource),
              below === undefined ? undefined : lt(auditEvent.id, below),
            ),
          )
          .orderBy(newestFirst(filter))
          .limit(limit),
      );
    },
  };
}
