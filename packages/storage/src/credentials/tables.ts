/** The two tables of a version, under the names that statements of this folder share, and conditions on them. */
import { type SQL, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { credential, credentialVersion } from '../schema/index.ts';

export const c = alias(credential, 'c');
export const v = alias(credentialVersion, 'v');
/** A version that decides which name is meant. */
export const n = alias(credentialVersion, 'n');

export const isCertificate: SQL = sql`${c.type} = 'certificate'`;
export const isCurrent = (id: SQL): SQL => sql`${id} = any(array[${c.activeId}, ${c.transitionalId}])`;

/** Selects the current versions `v` of the names `c` whose active version, or newest where none is active, a CA signed. */
export const childVersions = (caLower: SQL): SQL => sql`from ${credentialVersion} ${n}
    join ${credential} ${c} on ${c.id} = ${n.credentialId} and ${n.id} = coalesce(${c.activeId}, ${c.transitionalId})
    join ${credentialVersion} ${v} on ${isCurrent(sql`${v.id}`)}
    where ${n.caName} is not null and lower(${n.caName}) = ${caLower} and ${isCertificate} and ${c.nameLower} <> ${caLower}`;
