/** How PostgreSQL runs the shared reads: by indexes, for few callers and for many, whatever it does with prepared plans. */
import { createHash } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCredentialReads } from '../credentials/read-credentials.ts';
import { createCredentialViews } from '../credentials/view-credential.ts';
import { createPlexsphereRecords } from '../plexsphere/plexsphere.ts';
import { createDatabase } from '../testing/index.ts';
import type { Database } from './database.ts';
import type { SharedRead } from './shared-read.ts';

const NAMES = 20_000;
const ACTORS = 50;
/** With one more entry per actor, 50,050 permissions. */
const FOLDERS = 1_000;

let sql: postgres.Sql;
beforeAll(async () => {
  sql = postgres(await createDatabase(), { max: 1, fetch_types: false, onnotice: () => {} });
  await sql.unsafe(`
    insert into credential (id, name, name_lower, type, seq, active_id, listed_at)
      select md5('c' || n)::uuid, name, name, 'json', 1, md5('v' || n)::uuid, now()
      from generate_series(1, ${NAMES}) n, lateral (select '/team' || n % ${ACTORS} || '/dep' || n % ${FOLDERS} || '/n' || n) t (name);
    insert into credential_version (id, credential_id, seq, created_at, key_id, format, sealed)
      select md5('v' || n)::uuid, md5('c' || n)::uuid, 1, now(), 'key', 1, 'sealed' from generate_series(1, ${NAMES}) n;
    insert into permission (id, path, actor, operations)
      select gen_random_uuid(), '/team' || a || '/dep' || k || '/*', 'actor' || a, 31
      from generate_series(0, ${ACTORS - 1}) a, generate_series(1, ${FOLDERS}) k;
    insert into permission (id, path, actor, operations)
      select gen_random_uuid(), '/team' || a || '/*', 'actor' || a, 1 from generate_series(0, ${ACTORS - 1}) a;
    insert into api_token (id, owner, env_prefix, hash, ttl_seconds, created_at, expires_at)
      select md5('t' || n)::uuid, 'user:' || n, 'x', 'x', 1, now(), now() from generate_series(1, ${NAMES}) n;
    insert into relation_tuple (id, resource_type, resource_id, relation, subject_type, subject_id, subject_relation, created_at)
      select gen_random_uuid(), edge.*, now() from generate_series(1, ${NAMES}) n, lateral (values
        ('cloud', 'c' || n, 'manager', 'user', 'u' || n, ''),
        ('cloud', 'c' || n, 'project', 'project', 'p' || n, ''),
        ('project', 'p' || n, 'manager', 'group', 'g' || n, 'member'),
        ('group', 'g' || n, 'member', 'user', 'u' || n, '')) edge;
    analyze`);
}, 60_000);
afterAll(() => sql.end());

interface Captured {
  readonly read: SharedRead<unknown, unknown>;
  readonly values: unknown;
}

/** Returns the shared read that `use` makes, with its values. */
function capture(use: (db: Database) => Promise<unknown>): Captured {
  let captured: Captured | undefined;
  const read = (statement: SharedRead<unknown, unknown>, values: unknown): Promise<never[]> => {
    captured = { read: statement, values };
    return Promise.resolve([]);
  };
  void use({ read } as unknown as Database);
  if (captured === undefined) throw new Error('nothing was read');
  return captured;
}

const uuidOf = (text: string): string => createHash('md5').update(text).digest('hex');
const asUuid = (text: string): string => uuidOf(text).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
const nameOf = (n: number): string => `/team${n % ACTORS}/dep${n % FOLDERS}/n${n}`;
const accessOf = (n: number) => ({ actor: `actor${n % ACTORS}` });

type Use = (db: Database, n: number) => Promise<unknown>;
const KINDS: Readonly<Record<string, Use>> = {
  'the current version of a name': (db, n) =>
    createCredentialReads(db).readByName({ access: accessOf(n), name: nameOf(n), current: true }),
  'versions of a name': (db, n) =>
    createCredentialReads(db).readByName({ access: accessOf(n), name: nameOf(n), current: false, limit: 3 }),
  'the version of an id': (db, n) => createCredentialReads(db).readById({ access: accessOf(n), id: asUuid(`v${n}`) }),
  'many names': (db, n) => createCredentialReads(db).readMany({ access: accessOf(n), names: [nameOf(n)] }),
  'the look-up before a write': (db, n) =>
    createCredentialViews(db).viewForWrite({ access: accessOf(n), name: nameOf(n) }),
  'the look-up with a signer': (db, n) =>
    createCredentialViews(db).viewForWrite({ access: accessOf(n), name: nameOf(n), signer: nameOf(n + 1) }),
  'the look-up with the stored signer': (db, n) =>
    createCredentialViews(db).viewForWrite({ access: accessOf(n), name: nameOf(n), signer: 'stored' }),
  'an API token': (db, n) => createPlexsphereRecords(db).token(asUuid(`t${n}`)),
  relations: (db, n) =>
    createPlexsphereRecords(db).neighbourhood({
      subject: { type: 'user', id: `u${n}` },
      resources: [{ type: 'cloud', id: `c${n}` }],
      links: [['cloud', 'project']],
    }),
};

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly Plans?: readonly Plan[];
}
const nodes = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodes)];

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Runs the statement of a batch with a prepared plan of this kind, and returns how it was run. */
async function explain({ read }: Captured, callers: readonly unknown[], mode: string): Promise<Plan[]> {
  const values = read.batch.bind(read.columnsOf(callers)).map((value) => literal(String(value)));
  await sql.unsafe(`deallocate all; set plan_cache_mode = ${mode}; prepare batch as ${read.batch.text}`).simple();
  const execute = `execute batch (${values.join(', ')})`;
  // By default a plan becomes a generic one, if ever, at the sixth time.
  for (let time = 0; time < 6; time += 1) await sql.unsafe(execute).simple();
  const [answer] = await sql.unsafe(`explain (analyze, format json) ${execute}`).simple();
  const [{ Plan: plan }] = Object.values(answer ?? {})[0] as [{ Plan: Plan }];
  return nodes(plan);
}

describe.each(Object.entries(KINDS))('%s, of several callers', (_, use) => {
  test.each([
    ['force_generic_plan', 8],
    ['force_generic_plan', 100],
    ['force_custom_plan', 8],
    ['force_custom_plan', 100],
    ['auto', 8],
    ['auto', 100],
  ])('reads no table from end to end (%s, %i callers)', async (mode, count) => {
    const captured = capture((db) => use(db, 0));
    const callers = Array.from({ length: count }, (__, n) => capture((db) => use(db, 1 + n * 37)).values);
    const plan = await explain(captured, callers, mode);
    const scanned = plan.filter((node) => node['Node Type'] === 'Seq Scan').map((node) => node['Relation Name']);
    expect(scanned).toEqual([]);
    // A caller costs a few rows: nothing grows with the tables or with the other callers.
    const most = Math.max(...plan.map((node) => node['Actual Rows'] * node['Actual Loops']));
    expect(most).toBeLessThanOrEqual(count * 8);
    // Each of them is there, so the plan was not cut short.
    expect(plan[0]?.['Actual Rows']).toBeGreaterThanOrEqual(count);
  });
});
