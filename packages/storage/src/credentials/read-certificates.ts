/** Reads of the certificates API. */
import type { CredentialRecords, ListedCertificate, SignedRow } from '@credplex/core';
import { holds, pathsOf, READ } from '../permissions/operations.ts';
import type { Database } from '../postgres/database.ts';
import { isUuid, lowerName, storable, textArray, toColumn } from '../postgres/text.ts';
import {
  type PlainRecord,
  plainColumns,
  toPlainVersion,
  toVersion,
  type VersionRecord,
  versionColumns,
  versionColumnsOfMany,
} from './version-row.ts';

const readable = holds('$1', pathsOf('c.name'), READ);

/** A list of everything shows no PEM, and ten thousand chains would be a hundred megabytes. */
const withoutTexts = plainColumns
  .replace('v.certificate,', 'null::text as certificate,')
  .replace('v.ca,', 'null::text as ca,')
  .replace('v.trusted_ca,', 'null::text as trusted_ca,');

const listed = (condition: string, columns: string): string => `select ${columns} from credential c
  join credential_version v on v.credential_id = c.id
  where c.type = 'certificate' and ${condition} and ${readable}
  order by max(v.created_at) over (partition by c.id) desc, c.name, v.seq desc`;

const signedNames = `select distinct lower(v.ca_name) as ca, c.name from credential_version v
  join credential c on c.id = v.credential_id
  where v.ca_name is not null and lower(v.ca_name) = any($1::text[]) and lower(v.ca_name) <> c.name_lower
  order by c.name`;

const versionsOf = (current: boolean): string => `select ${versionColumnsOfMany('v.seq desc')} from credential c
  join credential_version v on ${current ? 'v.id = any(array[c.active_id, c.transitional_id])' : 'v.credential_id = c.id'}
  where c.id = $2 and c.type = 'certificate' and ${readable}
  order by ${current ? 'v.transitional' : 'v.seq desc'}`;

const signedBy = `select ${versionColumns}, c.seq as name_seq from credential c
  cross join lateral (select n.id from credential_version n where n.id = any(array[c.active_id, c.transitional_id])
    order by n.seq desc limit 1) newest
  join credential_version v on v.id = newest.id
  where c.type = 'certificate' and c.name_lower <> $1 and c.id in (
    select credential_id from credential_version where ca_name is not null and lower(ca_name) = $1)
  order by c.name_lower`;

const childrenOf = `select ${versionColumns}, c.seq as name_seq from credential_version n
  join credential c on c.id = n.credential_id and n.id = coalesce(c.active_id, c.transitional_id)
  join credential_version v on v.id = any(array[c.active_id, c.transitional_id])
  where n.ca_name is not null and lower(n.ca_name) = $1 and c.type = 'certificate' and c.name_lower <> $1
  order by c.name_lower, v.seq`;

type CertificateReads = Pick<CredentialRecords, 'listCertificates' | 'certificateVersions' | 'signedBy' | 'childrenOf'>;

export function createCertificateReads(db: Database): CertificateReads {
  async function signed(statement: string, caName: string): Promise<SignedRow[]> {
    const rows = await db.slowQuery<VersionRecord & { name_seq: string }>(statement, [toColumn(lowerName(caName))]);
    return rows.map((row) => ({ ...toVersion(row), nameSeq: Number(row.name_seq) }));
  }

  return {
    async listCertificates({ access, name }) {
      if (name !== undefined && !storable(name)) return [];
      const rows =
        name === undefined
          ? await db.slowQuery<PlainRecord>(listed('true', withoutTexts), [access.actor])
          : await db.read<PlainRecord>(listed('c.name_lower = $2', plainColumns), [access.actor, lowerName(name)]);
      const certificates = new Map<
        string,
        ListedCertificate & { versions: ReturnType<typeof toPlainVersion>[]; signs: string[] }
      >();
      const byName = new Map<string, string[]>();
      for (const row of rows) {
        const found = certificates.get(row.credential_id);
        if (found) {
          found.versions.push(toPlainVersion(row));
          continue;
        }
        const signs: string[] = [];
        byName.set(lowerName(row.name), signs);
        certificates.set(row.credential_id, {
          credentialId: row.credential_id,
          name: row.name,
          versions: [toPlainVersion(row)],
          signs,
        });
      }
      if (byName.size > 0) {
        const signed = await db.slowQuery<{ ca: string; name: string }>(signedNames, [textArray([...byName.keys()])]);
        for (const { ca, name: leaf } of signed) byName.get(ca)?.push(leaf);
      }
      return [...certificates.values()];
    },

    async certificateVersions({ access, credentialId, current }) {
      if (!isUuid(credentialId)) return undefined;
      const rows = await db.read<VersionRecord>(versionsOf(current), [access.actor, credentialId]);
      return rows.length > 0 ? rows.map(toVersion) : undefined;
    },

    signedBy: ({ caName }) => signed(signedBy, caName),
    childrenOf: ({ caName }) => signed(childrenOf, caName),
  };
}
