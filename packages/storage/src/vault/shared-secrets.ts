/** {@link SharedSecrets} on PostgreSQL: small sealed values that all replicas share. */
import type { Sealed, SharedSecrets } from '@credplex/core';
import { eq, sql } from 'drizzle-orm';
import type { Database } from '../postgres/database.ts';
import { excluded, listOf, nameOf, namesOf, type RowOf, select } from '../postgres/fragments.ts';
import { defineStatement, type Parameters } from '../postgres/statement.ts';
import { likeLiteral } from '../postgres/text.ts';
import { sharedSecret } from '../schema/index.ts';
import { toSealed } from './sealed-row.ts';

const { name, id, keyId, format, sealed } = sharedSecret;
const columns = { name, id, keyId, format, sealed };
type SharedRow = RowOf<typeof columns>;

function insert(p: Parameters<SharedRow>) {
  return sql`insert into ${sharedSecret} (${namesOf(Object.values(columns))})
  values (${p.name}, ${p.id}, ${p.keyId}, ${p.format}, ${p.sealed}) on conflict (${nameOf(name)})`;
}
const replaced = listOf([id, keyId, format, sealed].map((column) => sql`${nameOf(column)} = ${excluded(column)}`));

const GET = defineStatement(
  (p: Parameters<{ name: string }>) => sql<SharedRow>`
    select ${select(columns)} from ${sharedSecret} where ${name} = ${p.name}`,
);
const LIST = defineStatement(
  (p: Parameters<{ pattern: string }>) => sql<SharedRow>`
    select ${select(columns)} from ${sharedSecret} where ${name} like ${p.pattern} order by ${name}`,
);
// Updates the name to itself, because `do nothing` would not return the existing row.
const PUT_IF_ABSENT = defineStatement(
  (p: Parameters<SharedRow>) => sql<SharedRow>`
    ${insert(p)} do update set ${nameOf(name)} = ${excluded(name)} returning ${select(columns)}`,
);
const REPLACE = defineStatement(
  (p: Parameters<SharedRow>) => sql`${insert(p)} do update set ${replaced}, ${nameOf(sharedSecret.updatedAt)} = now()`,
);

function toEntry(row: SharedRow): { id: string; sealed: Sealed } {
  return { id: row.id, sealed: toSealed(row) };
}
function toRow(name: string, entry: { id: string; sealed: Sealed }): SharedRow {
  return {
    name,
    id: entry.id,
    keyId: entry.sealed.keyId,
    format: entry.sealed.format,
    sealed: entry.sealed.bytes,
  };
}

export function createSharedSecrets(db: Database): SharedSecrets {
  return {
    async get(name) {
      const [row] = await db.read(GET, { name });
      return row && toEntry(row);
    },
    async putIfAbsent(name, entry) {
      const [row] = await db.write(PUT_IF_ABSENT, toRow(name, entry));
      return row ? toEntry(row) : entry;
    },
    async replace(name, entry) {
      await db.write(REPLACE, toRow(name, entry));
    },
    async list(prefix) {
      const rows = await db.read(LIST, { pattern: `${likeLiteral(prefix)}%` });
      return rows.map((row) => ({ name: row.name, ...toEntry(row) }));
    },
    async remove(name) {
      await db.slowQuery((queries) => queries.delete(sharedSecret).where(eq(sharedSecret.name, name)));
    },
  };
}
