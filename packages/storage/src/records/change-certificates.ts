/** Changes to several certificates, or to which version is which: real transactions, unlike the hot write. */
import { type CertificateChange, type CredentialRecords, permissionPaths, type VersionRow } from '@credplex/core';
import { writeAudit } from './audit-event.ts';
import type { Database, Transaction } from './database.ts';
import { dropIntents } from './intents.ts';
import { DELETE, holds, pathsOf, WRITE } from './operations.ts';
import { isUuid, textArray } from './text.ts';
import {
  newVersionColumns,
  newVersionValues,
  toVersion,
  type VersionRecord,
  versionColumns,
  writtenVersion,
} from './version-row.ts';

interface Locked {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  seq: number;
}

/** Leaves the transaction without a trace and tells the caller why. */
class Refused extends Error {
  readonly outcome: 'denied' | 'changed';
  constructor(outcome: 'denied' | 'changed') {
    super(outcome);
    this.outcome = outcome;
  }
}

/** In the order of their ids, so that two changes never wait for each other in a circle. */
async function lock(tx: Transaction, ids: readonly string[]): Promise<Map<string, Locked>> {
  const rows = await tx.run<{ id: string; name: string; type: string; seq: string }>(
    'select id, name, type, seq from credential where id = any($1::uuid[]) order by id for update',
    [textArray(ids)],
  );
  return new Map(rows.map((row) => [row.id, { ...row, seq: Number(row.seq) }]));
}

async function requireWrite(tx: Transaction, actor: string | null, names: readonly string[]): Promise<void> {
  if (actor === null || names.length === 0) return;
  const candidates = names.map((name) => permissionPaths(name));
  const rows = await tx.run<{ path: string }>(
    `select path from permission where actor = $1 and operations & ${WRITE} <> 0 and path = any($2::text[])`,
    [actor, textArray([...new Set(candidates.flat())])],
  );
  const held = new Set(rows.map((row) => row.path));
  if (!candidates.every((paths) => paths.some((path) => held.has(path)))) throw new Refused('denied');
}

async function takeIntents(tx: Transaction, intents: readonly string[]): Promise<void> {
  if (intents.length === 0) return;
  const taken = await tx.run('delete from intent where id = any($1::uuid[]) and not sweeping returning id', [
    textArray(intents),
  ]);
  if (taken.length !== intents.length) throw new Refused('changed');
}

const insertVersion = `insert into credential_version (credential_id, seq, ${newVersionColumns.map(([name]) => name).join(', ')})
  values ($1, $2, ${newVersionColumns.map(([, type], index) => `$${index + 3}::${type}`).join(', ')})`;

/** What the row of the name knows about its versions, read again from them. */
const refresh = `update credential c set seq = t.seq,
    active_id = a.id, listed_at = a.created_at,
    transitional_id = (select v.id from credential_version v where v.credential_id = c.id and v.transitional order by v.seq desc limit 1)
  from unnest($1::uuid[], $2::bigint[]) as t (id, seq)
  left join lateral (select v.id, v.created_at from credential_version v
    where v.credential_id = t.id and not v.transitional order by v.seq desc limit 1) a on true
  where c.id = t.id`;

const pipelined = 50;

async function change(tx: Transaction, request: CertificateChange): Promise<VersionRow[]> {
  const { access, needWrite, transitional, writes, audit } = request;
  const expected = [...writes, ...(transitional ? [transitional] : [])];
  const locked = await lock(tx, [...new Set(expected.map((one) => one.credentialId))]);
  await requireWrite(tx, access.actor, needWrite);
  for (const { credentialId, expectSeq } of expected) {
    if (locked.get(credentialId)?.seq !== expectSeq) throw new Refused('changed');
  }
  await takeIntents(
    tx,
    writes.flatMap(({ intent }) => (intent === undefined ? [] : [intent])),
  );
  if (transitional) {
    const { credentialId, versionId } = transitional;
    const marked = await tx.run<{ id: string; transitional: boolean }>(
      `update credential_version set transitional = (id is not distinct from $2::uuid)
       where credential_id = $1 and (transitional or id is not distinct from $2::uuid) returning id, transitional`,
      [credentialId, versionId],
    );
    const there =
      versionId === null ||
      marked.some((row) => row.transitional) ||
      writes.some(({ version }) => version.id === versionId);
    if (!there) throw new Refused('changed');
    const credential = locked.get(credentialId);
    if (credential) credential.seq += 1;
  }
  const rows: VersionRow[] = [];
  const sent: Promise<unknown>[] = [];
  for (const { credentialId, version } of writes) {
    const credential = locked.get(credentialId);
    if (!credential) throw new Refused('changed');
    credential.seq += 1;
    // Pipelined: names stay locked as long as this takes.
    sent.push(tx.run(insertVersion, [credentialId, credential.seq, ...newVersionValues(version)]));
    rows.push(writtenVersion(version, credential));
    if (sent.length === pipelined) await Promise.all(sent.splice(0));
  }
  await Promise.all(sent);
  const touched = [...locked.values()];
  await tx.run(refresh, [textArray(touched.map(({ id }) => id)), textArray(touched.map(({ seq }) => String(seq)))]);
  await writeAudit(tx, audit);
  return rows;
}

type Changes = Pick<CredentialRecords, 'changeCertificates' | 'deleteCertificateVersion'>;

export function createCertificateChanges(db: Database): Changes {
  return {
    async changeCertificates(request) {
      try {
        return { outcome: 'written', rows: await db.transaction((tx) => change(tx, request)) };
      } catch (error) {
        if (error instanceof Refused) return { outcome: error.outcome };
        throw error;
      }
    },

    async deleteCertificateVersion({ access, credentialId, versionId, audit }) {
      if (!isUuid(credentialId) || !isUuid(versionId)) return { outcome: 'missing' };
      return db.transaction(async (tx) => {
        const [credential] = await tx.run<{ seq: string }>(
          `select c.seq from credential c where c.id = $2 and c.type = 'certificate' and ${holds('$1', pathsOf('c.name'), DELETE)} for update`,
          [access.actor, credentialId],
        );
        if (!credential) return { outcome: 'missing' };
        const rows = await tx.run<VersionRecord>(
          `select ${versionColumns} from credential_version v join credential c on c.id = v.credential_id where c.id = $1`,
          [credentialId],
        );
        const row = rows.find(({ id }) => id === versionId.toLowerCase());
        if (!row) return { outcome: 'missing' };
        if (rows.length === 1) return { outcome: 'last' };
        await tx.run('delete from credential_version where id = $1', [row.id]);
        await tx.run(refresh, [textArray([row.credential_id]), textArray([String(Number(credential.seq) + 1)])]);
        await dropIntents(tx, [{ id: row.id, keyId: row.key_id }]);
        await writeAudit(tx, [audit]);
        return { outcome: 'deleted', row: toVersion(row) };
      });
    },
  };
}
