/** Operations as bits of one smallint, so that bit_or combines several entries. */
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
 * Returns the SQL of the entry paths that apply to a name: core's permissionPaths(), for names that only the database knows.
 * Not a SQL function, because PostgreSQL would not inline it. The name is split once: splitting it for each folder costs five
 * times as much for a name with 500 folders.
 */
export function pathsOf(name: SQL): SQL {
  return sql`(array(select left(${name}, place.at::int) || '*' from (
      select sum(length(part) + 1) over (order by depth rows unbounded preceding) as at
      from unnest(string_to_array(${name}, '/')) with ordinality as segment (part, depth)
    ) place where place.at <= length(${name})) || ${name})`;
}

/**
 * Returns the SQL of the operations that `actor` has on any of the `paths`, as an integer of bits. A null actor (ACLs off) has
 * all. `paths` is an expression of type text[].
 */
export function heldBits(actor: SQL, paths: SQL): SQL<number> {
  return sql<number>`(case when ${actor}::text is null then ${ALL} else (select coalesce(bit_or(${p.operations}), 0)::int
    from ${permission} ${p} where ${p.actor} = ${actor}::text and ${p.path} = any(${paths})) end)`;
}

/** Returns the SQL of whether `actor` has one operation on any of the `paths`. */
export function holds(actor: SQL, paths: SQL, bit: number): SQL<boolean> {
  return sql<boolean>`(${actor}::text is null or exists (select from ${permission} ${p}
    where ${p.actor} = ${actor}::text and ${p.path} = any(${paths}) and ${p.operations} & ${bit} <> 0))`;
}

/** Returns the `on conflict` clause of an insert into `permission as entry` that adds the operations to an existing entry. */
export function addOperations(entry: string): SQL {
  return sql`on conflict (${namesOf([permission.actor, permission.path])})
  do update set ${nameOf(permission.operations)} = ${sql.identifier(entry)}.${nameOf(permission.operations)} | ${excluded(permission.operations)}`;
}
