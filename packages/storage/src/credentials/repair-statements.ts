/** Statements of `repair-authorities.ts`: what a row that is not repaired can be compared with. */
import { type SQL, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { nameOf, type RowOf, select } from '../postgres/fragments.ts';
import { defineStatement, type Parameters } from '../postgres/statement.ts';
import { credential, credentialVersion } from '../schema/index.ts';
import { c, v } from './tables.ts';

const o = alias(credentialVersion, 'o');
const version = credentialVersion;

const unrepairedColumns = {
  id: v.id,
  name: c.name,
  certificate: v.certificate,
  ca: v.ca,
  caName: v.caName,
  createdAt: v.createdAt,
};
export type UnrepairedRow = RowOf<typeof unrepairedColumns>;

export const UNREPAIRED = defineStatement(
  (p: Parameters<{ after: string; limit: number }>) => sql<UnrepairedRow>`
    select ${select(unrepairedColumns)} from ${version} ${v} join ${credential} ${c} on ${c.id} = ${v.credentialId}
    where ${v.ca} is not null and not ${v.caIsSigner} and ${v.id} > ${p.after} order by ${v.id} limit ${p.limit}`,
);

/** When the name first had this certificate: copies are younger. */
export const FIRST_TIME = defineStatement(
  (p: Parameters<{ id: string }>) => sql<{ at: Date }>`
    select min(${o.createdAt}) as at from ${version} ${v}
    join ${version} ${o} on ${o.credentialId} = ${v.credentialId} and ${o.certificate} = ${v.certificate}
    where ${v.id} = ${p.id}`,
);

export const STORE_REPAIRED = defineStatement(
  (p: Parameters<{ id: string; ca: string | null; trustedCa: string | null }>) => sql`
    update ${version} set ${nameOf(version.ca)} = ${p.ca}, ${nameOf(version.trustedCa)} = ${p.trustedCa},
      ${nameOf(version.caIsSigner)} = true
    where ${version.id} = ${p.id} and ${version.ca} is not null and not ${version.caIsSigner}`,
);

const versionsOfCa = (
  nameLower: SQL,
): SQL => sql`from ${credential} ${c} join ${version} ${v} on ${v.credentialId} = ${c.id}
  where ${c.nameLower} = ${nameLower} and ${c.type} = 'certificate' and ${v.certificate} is not null`;

const trimmed = (text: SQL): SQL => sql`btrim(${text}, E' \\t\\r\\n')`;

export const HAS_VERSION = defineStatement(
  (p: Parameters<{ nameLower: string; text: string | null }>) => sql<{ known: boolean }>`
    select exists (select ${versionsOfCa(p.nameLower)}
      and ${trimmed(sql`${v.certificate}`)} = ${trimmed(sql`${p.text}`)}) as known`,
);

const olderColumns = { seq: v.seq, certificate: v.certificate };
export const OLDER_VERSIONS = defineStatement(
  (p: Parameters<{ nameLower: string; time: Date; before: number | null }>) => sql<RowOf<typeof olderColumns>>`
    select ${select(olderColumns)} ${versionsOfCa(p.nameLower)} and ${v.createdAt} <= ${p.time}
      and (${p.before}::bigint is null or ${v.seq} < ${p.before}::bigint)
    order by ${v.seq} desc limit 20`,
);

export const CURRENT_PAIR = defineStatement(
  (p: Parameters<{ nameLower: string }>) => sql<{ active: string | null; transitional: string | null }>`
    select (select ${v.certificate} ${versionsOfCa(p.nameLower)} and ${v.id} = ${c.activeId}) as active,
      (select ${v.certificate} ${versionsOfCa(p.nameLower)} and ${v.id} = ${c.transitionalId}) as transitional`,
);
