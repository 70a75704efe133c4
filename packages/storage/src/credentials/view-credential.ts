/** What set, generate and regenerate must know before they decide: read in one statement. */
import { type CredentialRecords, permissionPaths, type VersionRow, type WriteView } from '@credplex/core';
import { ALL, fromBits, heldBits, pathsOf, READ } from '../permissions/operations.ts';
import type { Database } from '../postgres/database.ts';
import { isUuid, lowerName, storable, textArray } from '../postgres/text.ts';
import { toVersion, type VersionRecord, versionColumns } from './version-row.ts';

/**
 * Parts: `held` and `c` (the credential, perhaps none), `s` (the signer, perhaps none). A row per version of both, told apart by
 * `part`; one row without a version when there is none. Parameters: $1 name or id, $2 actor, $3 its paths,
 * $4 name of the signer, $5 its paths; `stored` takes them from a version: by name the newest, by id the active one.
 */
function statement(by: 'name' | 'id', signer: 'none' | 'named' | 'stored'): string {
  const credential =
    by === 'name'
      ? 'select * from credential where name_lower = $1'
      : `select * from credential where id = $1::uuid and type = 'certificate'`;
  const paths = by === 'name' ? '$3::text[]' : `('{}'::text[] || (select ${pathsOf('c.name')} from c))`;
  const signers = {
    none: 'select null::uuid as id, null::text as name, null::uuid as active_id, null::uuid as transitional_id, false as readable where false',
    named: `select id, name, active_id, transitional_id, ${heldBits('$2', '$5::text[]')} & ${READ} <> 0 as readable
      from credential where name_lower = $4 and type = 'certificate'`,
    stored: `select x.id, x.name, x.active_id, x.transitional_id,
        ${heldBits('$2', pathsOf('own.ca_name'))} & ${READ} <> 0 as readable
      from c join lateral (select o.ca_name from credential_version o
        where ${by === 'name' ? 'o.id = any(array[c.active_id, c.transitional_id])' : 'o.id = c.active_id'}
        order by o.seq desc limit 1) own on true
      join credential x on x.name_lower = lower(own.ca_name) and x.type = 'certificate'`,
  };
  return `with c as materialized (${credential}), s as materialized (${signers[signer]})
    select ${heldBits('$2', paths)} as held,
      c.id as c_id, c.name as c_name, c.type as c_type, c.seq as c_seq, s.id as s_id, s.name as s_name, s.readable as s_readable,
      part.number as part, v.*
    from (values (1)) as one
    left join c on true left join s on true
    left join lateral (values (1, c.active_id), (2, c.transitional_id), (3, s.active_id), (4, s.transitional_id))
      as part (number, version_id) on part.version_id is not null
    left join lateral (select ${versionColumns} from credential_version v join credential c on c.id = v.credential_id
      where v.id = part.version_id) v on true`;
}

const parameters = { name: { none: 3, named: 5, stored: 3 }, id: { none: 2, named: 5, stored: 2 } } as const;
const statements = {
  name: { none: statement('name', 'none'), named: statement('name', 'named'), stored: statement('name', 'stored') },
  id: { none: statement('id', 'none'), named: idNamed(), stored: statement('id', 'stored') },
};

/** $3 is not used when the credential is asked for by id; PostgreSQL wants every parameter to have a type. */
function idNamed(): string {
  return statement('id', 'named').replace('from (values (1)) as one', 'from (values ($3::text)) as one');
}

type ViewRecord = VersionRecord & {
  readonly held: number;
  readonly c_id: string | null;
  readonly c_name: string;
  readonly c_type: string;
  readonly c_seq: string;
  readonly s_id: string | null;
  readonly s_name: string;
  readonly s_readable: boolean;
  readonly part: number | null;
};

function toView(rows: readonly ViewRecord[]): WriteView {
  const [head] = rows;
  const versions = new Map<number, VersionRow>();
  for (const row of rows) if (row.part !== null) versions.set(row.part, toVersion(row));
  return {
    held: new Set(fromBits(head?.held ?? 0)),
    credential: head?.c_id
      ? { id: head.c_id, name: head.c_name, type: head.c_type, seq: Number(head.c_seq) }
      : undefined,
    active: versions.get(1),
    transitional: versions.get(2),
    signer: head?.s_id
      ? {
          readable: head.s_readable,
          credentialId: head.s_id,
          name: head.s_name,
          active: versions.get(3),
          transitional: versions.get(4),
        }
      : undefined,
  };
}

type Views = Pick<CredentialRecords, 'viewForWrite' | 'viewCertificate'>;

export function createCredentialViews(db: Database): Views {
  async function view(
    by: 'name' | 'id',
    key: string,
    paths: string,
    actor: string | null,
    signer: string | undefined,
  ): Promise<WriteView> {
    const kind = signer === undefined || !storable(signer) ? 'none' : signer === 'stored' ? 'stored' : 'named';
    const named =
      kind === 'named' && signer !== undefined ? [lowerName(signer), textArray(permissionPaths(signer))] : [];
    const values = [key, actor, paths, ...named].slice(0, parameters[by][kind]);
    return toView(await db.read<ViewRecord>(statements[by][kind], values));
  }
  return {
    async viewForWrite({ access, name, signer }) {
      // Such a name is refused before a write; asked for all the same, it is a name that does not exist.
      if (!storable(name)) return { ...toView([]), held: new Set(access.actor === null ? fromBits(ALL) : []) };
      return view('name', lowerName(name), textArray(permissionPaths(name)), access.actor, signer);
    },
    async viewCertificate({ access, credentialId, signer }) {
      if (!isUuid(credentialId)) return undefined;
      const found = await view('id', credentialId, '', access.actor, signer);
      return found.credential && found;
    },
  };
}
