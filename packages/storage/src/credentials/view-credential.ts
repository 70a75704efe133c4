/** What set, generate and regenerate must know before they decide: read in one statement, which concurrent callers share. */
import { type CredentialRecords, isUuid, permissionPaths, type VersionRow, type WriteView } from '@credplex/core';
import { type SQL, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { ALL, fromBits, heldBits, pathsOf, READ } from '../permissions/operations.ts';
import type { Database } from '../postgres/database.ts';
import { type NullableRow, nameOf, select } from '../postgres/fragments.ts';
import { defineSharedRead, type SharedReadOptions } from '../postgres/shared-read.ts';
import type { Parameters } from '../postgres/statement.ts';
import { lowerName, storable, textArray } from '../postgres/text.ts';
import { credential, credentialVersion } from '../schema/index.ts';
import { c, v } from './tables.ts';
import { toVersion, type VersionRecord, versionColumnsFor } from './version-row.ts';

/** The signer: a CA, or nothing. */
const s = alias(credential, 's');
const own = alias(credentialVersion, 'own');

type Signer = 'none' | 'named' | 'stored';

/** By name with the candidate paths of it, or by id. A signer that is `named` has a name and paths of its own. */
interface ViewValues {
  readonly nameLower?: string;
  readonly paths?: string;
  readonly id?: string;
  readonly actor: string | null;
  readonly signerLower?: string;
  readonly signerPaths?: string;
}
type ViewParameters = Parameters<ViewValues>;

interface ViewHead {
  readonly held: number;
  readonly foundId: string | null;
  readonly foundName: string;
  readonly foundType: string;
  readonly foundSeq: number;
  readonly signerId: string | null;
  readonly signerName: string;
  readonly signerReadable: boolean;
  /** 1 and 2: active and transitional version of the credential; 3 and 4: of the signer; null: a row without a version. */
  readonly part: number | null;
}
type ViewRecord = ViewHead & NullableRow<VersionRecord>;

const SIGNER_COLUMNS = [credential.id, credential.name, credential.activeId, credential.transitionalId];
const signerColumns = (readable: SQL): SQL =>
  sql`${sql.join(
    SIGNER_COLUMNS.map((column) => sql`${s}.${nameOf(column)}`),
    sql`, `,
  )}, ${readable} as readable`;

function signerSource(p: ViewParameters, by: 'name' | 'id', signer: Signer): SQL {
  const isReadable = (paths: SQL): SQL => sql`${heldBits(p.actor, paths)} & ${READ} <> 0`;
  switch (signer) {
    case 'none':
      return sql`select ${signerColumns(sql`false`)} from ${credential} ${s} where false`;
    case 'named':
      return sql`select ${signerColumns(isReadable(sql`${p.signerPaths}::text[]`))}
        from ${credential} ${s} where ${s.nameLower} = ${p.signerLower} and ${s.type} = 'certificate'`;
    case 'stored': {
      const current = by === 'name' ? sql`any(array[${c.activeId}, ${c.transitionalId}])` : sql`${c.activeId}`;
      return sql`select ${signerColumns(isReadable(pathsOf(sql`newest.${nameOf(own.caName)}`)))}
        from c join lateral (select ${own.caName} from ${credentialVersion} ${own}
          where ${own.id} = ${current} order by ${own.seq} desc limit 1) newest on true
        join ${credential} ${s} on ${s.nameLower} = lower(newest.${nameOf(own.caName)}) and ${s.type} = 'certificate'`;
    }
  }
}

const VIEW_OPTIONS: SharedReadOptions<ViewValues, ViewRecord> = {
  types: { id: 'uuid' },
  isCut: (rows) => rows.some(({ part, sealed }) => part !== null && sealed === null),
};

/**
 * Parts: `held` and `c` (the credential, perhaps none), `s` (the signer, perhaps none). A row per version of both, with the number of
 * its part; one row without a version when there is none. `stored` takes the signer from a version: by name the newest, by id the
 * active one.
 */
const viewStatement = (by: 'name' | 'id', signer: Signer) =>
  defineSharedRead((p: ViewParameters, form) => {
    const found =
      by === 'name'
        ? sql`${credential.nameLower} = ${p.nameLower}`
        : sql`${credential.id} = ${p.id}::uuid and ${credential.type} = 'certificate'`;
    const paths =
      by === 'name' ? sql`${p.paths}::text[]` : sql`('{}'::text[] || (select ${pathsOf(sql`${c.name}`)} from c))`;
    return sql<ViewRecord>`
      with c as materialized (select * from ${credential} where ${found}),
        s as materialized (${signerSource(p, by, signer)})
      select ${heldBits(p.actor, paths)} as held,
        ${select({ foundId: c.id, foundName: c.name, foundType: c.type, foundSeq: c.seq, signerId: s.id, signerName: s.name })},
        s.readable as "signerReadable", part.number as part, version.*
      from (values (1)) as one
      left join c on true left join s on true
      left join lateral (values (1, ${c.activeId}), (2, ${c.transitionalId}), (3, ${s.activeId}), (4, ${s.transitionalId}))
        as part (number, version) on part.version is not null
      left join lateral (select ${select(versionColumnsFor(form))}
        from ${credentialVersion} ${v} join ${credential} ${c} on ${c.id} = ${v.credentialId}
        where ${v.id} = part.version) version on true`;
  }, VIEW_OPTIONS);

const viewsBy = (by: 'name' | 'id') => ({
  none: viewStatement(by, 'none'),
  named: viewStatement(by, 'named'),
  stored: viewStatement(by, 'stored'),
});
const VIEWS = { name: viewsBy('name'), id: viewsBy('id') };

function toView(rows: readonly ViewRecord[]): WriteView {
  const [head] = rows;
  const versions = new Map<number, VersionRow>();
  for (const row of rows) if (row.part !== null) versions.set(row.part, toVersion(row as VersionRecord));
  return {
    held: new Set(fromBits(head?.held ?? 0)),
    credential: head?.foundId
      ? { id: head.foundId, name: head.foundName, type: head.foundType, seq: head.foundSeq }
      : undefined,
    active: versions.get(1),
    transitional: versions.get(2),
    signer: head?.signerId
      ? {
          readable: head.signerReadable,
          credentialId: head.signerId,
          name: head.signerName,
          active: versions.get(3),
          transitional: versions.get(4),
        }
      : undefined,
  };
}

type Views = Pick<CredentialRecords, 'viewForWrite' | 'viewCertificate'>;

export function createCredentialViews(db: Database): Views {
  async function view(by: 'name' | 'id', values: ViewValues, signer: string | undefined): Promise<WriteView> {
    if (signer === undefined || !storable(signer)) return toView(await db.read(VIEWS[by].none, values));
    if (signer === 'stored') return toView(await db.read(VIEWS[by].stored, values));
    const named = { signerLower: lowerName(signer), signerPaths: textArray(permissionPaths(signer)) };
    return toView(await db.read(VIEWS[by].named, { ...values, ...named }));
  }
  return {
    async viewForWrite({ access, name, signer }) {
      // Such a name is refused before a write; asked for all the same, it is a name that does not exist.
      if (!storable(name)) return { ...toView([]), held: new Set(access.actor === null ? fromBits(ALL) : []) };
      const paths = textArray(permissionPaths(name));
      return view('name', { nameLower: lowerName(name), paths, actor: access.actor }, signer);
    },
    async viewCertificate({ access, credentialId, signer }) {
      if (!isUuid(credentialId)) return undefined;
      const found = await view('id', { id: credentialId, actor: access.actor }, signer);
      return found.credential && found;
    },
  };
}
