import { and, desc, eq, gte, like, lt, type SQL } from 'drizzle-orm';
import { QueryBuilder } from 'drizzle-orm/pg-core';
import { likeLiteral } from '../postgres/text.ts';
import { auditEvent } from '../schema/audit.ts';

/** Which audit rows to list; see `AuditFilter`. */
interface Filter {
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly resource?: string | undefined;
  readonly below?: number | undefined;
  readonly limit: number;
}

export function auditQuery(filter: Filter): { sql: string; params: unknown[] } {
  const { from, to, actor, action, resource, below } = filter;
  const conditions: (SQL | undefined)[] = [
    from && gte(auditEvent.at, from),
    to && lt(auditEvent.at, to),
    actor === undefined ? undefined : eq(auditEvent.actor, actor),
    action === undefined ? undefined : eq(auditEvent.action, action),
    // A folder stands for all that lies in it.
    resource === undefined
      ? undefined
      : resource.endsWith('/*')
        ? like(auditEvent.resource, `${likeLiteral(resource.slice(0, -1))}%`)
        : eq(auditEvent.resource, resource),
    below === undefined ? undefined : lt(auditEvent.id, below),
  ];
  const query = new QueryBuilder()
    .select()
    .from(auditEvent)
    .where(and(...conditions));
  return query.orderBy(desc(auditEvent.id)).limit(filter.limit).toSQL();
}
