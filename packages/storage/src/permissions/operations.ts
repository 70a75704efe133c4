/** Operations as bits of one smallint: several entries add up by bit_or. */
import { OPERATIONS, type Operation } from '@credplex/core';
import { type SQL, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { excluded, nameOf, namesOf } from '../postgres/fragments.ts';
import { permission } from '../schema/index.ts';

export const READ = 1;
export const WRITE = 2;
export const DELETE = 4;
export const WRITE_ACL = 16;
export const ALL = 31;

export function toBits(operations: Iterable<Operation>): number {
  let bits = 0;
  for (const operation of operations) bits |= 1 << OPERATIONS.indexOf(operation);
  return bits;
}

export function fromBits(bits: number): Operation[] {
  return OPERATIONS.filter((_, index) => (bits & (1 << index)) !== 0);
}

const p = alias(permission, 'p');

/**
 * The entry paths that speak about a name, as SQL: the twin of core's permissionPaths(), for names that only the database
 * knows. Spelled out instead of a function, which PostgreSQL would call instead of inlining. The name is split once:
 * split for each of its folders, a name of 500 of them costs five times as much.
 */
export function pathsOf(name: SQL): SQL {
  return sql`(array(select left(${name}, place.at::int) || '*' from (
      select sum(length(part) + 1) over (order by depth rows unbounded preceding) as at
      from unnest(string_to_array(${name}, '/')) with ordinality as segment (part, depth)
    ) place where place.at <= length(${name})) || ${name})`;
}

/**
 * What `actor` holds on the candidate `paths`, as SQL for an integer. A null actor (ACLs off) holds all. `paths` is an
 * expression of type text[].
 */
export function heldBits(actor: SQL, paths: SQL): SQL<number> {
  return sql<number>`(case when ${actor}::text is null then ${ALL} else (select coalesce(bit_or(${p.operations}), 0)::int
    from ${permission} ${p} where ${p.actor} = ${actor}::text and ${p.path} = any(${paths})) end)`;
}

/** The same for one operation, as SQL for a boolean. */
export function holds(actor: SQL, paths: SQL, bit: number): SQL<boolean> {
  return sql<boolean>`(${actor}::text is null or exists (select from ${permission} ${p}
    where ${p.actor} = ${actor}::text and ${p.path} = any(${paths}) and ${p.operations} & ${bit} <> 0))`;
}

/** `on conflict` clause of an insert into `permission as entry`: an entry that is there gains the operations. */
export function addOperations(entry: string): SQL {
  return sql`on conflict (${namesOf([permission.actor, permission.path])})
  do update set ${nameOf(permission.operations)} = ${sql.identifier(entry)}.${nameOf(permission.operations)} | ${excluded(permission.operations)}`;
}
