/** What a write statement's answer means, and, when it wrote nothing, why. */
import { permissionPaths, type WriteRequest, type WriteResult } from '@credplex/core';
import { sql } from 'drizzle-orm';
import { heldBits, WRITE, WRITE_ACL } from '../permissions/operations.ts';
import type { Database } from '../postgres/database.ts';
import { select } from '../postgres/fragments.ts';
import { defineSharedRead } from '../postgres/shared-read.ts';
import type { Parameters } from '../postgres/statement.ts';
import { lowerName, textArray } from '../postgres/text.ts';
import { credential } from '../schema/index.ts';
import { c } from './tables.ts';
import { writtenVersion } from './version-row.ts';

/** A version was written: id of the name, its first spelling, its counter. */
export interface WrittenRecord {
  readonly id: string;
  readonly name: string;
  readonly seq: number;
}

export function resultOf({ version, type }: WriteRequest, { id, name, seq }: WrittenRecord): WriteResult {
  const row = writtenVersion(version, { id, name, type, seq });
  return { outcome: 'written', created: row.seq === 1, row };
}

interface Found {
  readonly held: number;
  readonly id: string | null;
  readonly type: string;
  readonly seq: number;
}

const CURRENT_STATE = defineSharedRead(
  (p: Parameters<{ actor: string | null; paths: string; nameLower: string }>) => sql<Found>`
    select ${heldBits(p.actor, sql`${p.paths}::text[]`)} as held, ${select({ id: c.id, type: c.type, seq: c.seq })}
    from (values (1)) as one left join ${credential} ${c} on ${c.nameLower} = ${p.nameLower}::text`,
);

/** `raced`: it looks as if the write could be done; what stood against it came or went since. */
export async function diagnoseRejectedWrite(db: Database, request: WriteRequest): Promise<WriteResult | 'raced'> {
  const { access, name, expect, grants, creation, type } = request;
  const paths = textArray(permissionPaths(name));
  const [found] = await db.read(CURRENT_STATE, { actor: access.actor, paths, nameLower: lowerName(name) });
  const may = (bit: number): boolean => ((found?.held ?? 0) & bit) !== 0;
  if (!found || found.id === null) {
    if (creation === 'needs_write' && !may(WRITE)) return { outcome: 'denied' };
  } else {
    if (!may(WRITE)) return { outcome: 'denied' };
    if (found.type !== type) return { outcome: 'type_mismatch' };
    if (expect === 'absent') return { outcome: 'changed' };
    if (expect !== 'any') {
      const sameSeq = expect.seq === null || found.seq === expect.seq;
      if (found.id !== expect.credentialId || !sameSeq) return { outcome: 'changed' };
    }
    if (grants.length > 0 && !may(WRITE_ACL)) return { outcome: 'denied_acl' };
  }
  // Another writer or the sweeper was faster. Where the request expects a state, the caller decides again.
  return expect === 'any' && request.intent === undefined ? 'raced' : { outcome: 'changed' };
}
