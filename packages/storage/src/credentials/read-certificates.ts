/** Reads of the certificates API. */
import {
  type CredentialRecords,
  isUuid,
  type ListedCertificate,
  type SignedRow,
  type VersionRow,
} from '@credplex/core';
import { type SQL, sql } from 'drizzle-orm';
import { holds, pathsOf, READ } from '../permissions/operations.ts';
import type { Database } from '../postgres/database.ts';
import { select } from '../postgres/fragments.ts';
import { defineStatement, type Parameters, type Statement } from '../postgres/statement.ts';
import { lowerName, storable, textArray, toColumn } from '../postgres/text.ts';
import { credential, credentialVersion } from '../schema/index.ts';
import { c, childVersions, isCertificate, isCurrent, n, v } from './tables.ts';
import {
  type PlainRecord,
  plainColumns,
  toPlainVersion,
  toVersion,
  type VersionRecord,
  versionColumns,
  versionColumnsOfMany,
} from './version-row.ts';

interface ByActor {
  readonly actor: string | null;
}

const isReadable = (actor: SQL): SQL => holds(actor, pathsOf(sql`${c.name}`), READ);

/** A list of everything shows no PEM, and ten thousand chains would be a hundred megabytes. */
const ABSENT = sql<string | null>`null::text`;
const columnsWithoutTexts = { ...plainColumns, certificate: ABSENT, ca: ABSENT, trustedCa: ABSENT };

const listed = (p: Parameters<ByActor>, columns: typeof columnsWithoutTexts | typeof plainColumns, condition: SQL) =>
  sql<PlainRecord>`select ${select(columns)} from ${credential} ${c}
    join ${credentialVersion} ${v} on ${v.credentialId} = ${c.id}
    where ${isCertificate} and ${condition} and ${isReadable(p.actor)}
    order by max(${v.createdAt}) over (partition by ${c.id}) desc, ${c.name}, ${v.seq} desc`;

const ALL_CERTIFICATES = defineStatement((p: Parameters<ByActor>) => listed(p, columnsWithoutTexts, sql`true`));
const CERTIFICATE_BY_NAME = defineStatement((p: Parameters<ByActor & { nameLower: string }>) =>
  listed(p, plainColumns, sql`${c.nameLower} = ${p.nameLower}`),
);

const SIGNED_NAMES = defineStatement(
  (p: Parameters<{ names: string }>) => sql<{ ca: string; name: string }>`
    select distinct lower(${v.caName}) as ca, ${c.name} from ${credentialVersion} ${v}
    join ${credential} ${c} on ${c.id} = ${v.credentialId}
    where ${v.caName} is not null and lower(${v.caName}) = any(${p.names}::text[]) and lower(${v.caName}) <> ${c.nameLower}
    order by ${c.name}`,
);

const versionsOf = (source: SQL, order: SQL) =>
  defineStatement(
    (p: Parameters<ByActor & { id: string }>) => sql<VersionRecord>`
      select ${select(versionColumnsOfMany(sql`${v.seq} desc`))} from ${credential} ${c}
      join ${credentialVersion} ${v} on ${source}
      where ${c.id} = ${p.id} and ${isCertificate} and ${isReadable(p.actor)} order by ${order}`,
  );
const CURRENT_VERSIONS = versionsOf(isCurrent(sql`${v.id}`), sql`${v.transitional}`);
const ALL_VERSIONS = versionsOf(sql`${v.credentialId} = ${c.id}`, sql`${v.seq} desc`);

type SignedRecord = VersionRecord & { readonly nameSeq: number };
type BySigner = Statement<{ readonly caLower: string | null }, SignedRecord>;
const signedColumns = { ...versionColumns, nameSeq: c.seq };

const SIGNED_BY: BySigner = defineStatement(
  (p: Parameters<{ caLower: string | null }>) => sql<SignedRecord>`
    select ${select(signedColumns)} from ${credential} ${c}
    cross join lateral (select ${n.id} from ${credentialVersion} ${n} where ${isCurrent(sql`${n.id}`)}
      order by ${n.seq} desc limit 1) newest
    join ${credentialVersion} ${v} on ${v.id} = newest.id
    where ${isCertificate} and ${c.nameLower} <> ${p.caLower} and ${c.id} in (
      select ${n.credentialId} from ${credentialVersion} ${n}
      where ${n.caName} is not null and lower(${n.caName}) = ${p.caLower})
    order by ${c.nameLower}`,
);

const CHILDREN_OF: BySigner = defineStatement(
  (p: Parameters<{ caLower: string | null }>) => sql<SignedRecord>`
    select ${select(signedColumns)} ${childVersions(p.caLower)}
    order by ${c.nameLower}, ${v.seq}`,
);

interface Listed extends ListedCertificate {
  readonly versions: Omit<VersionRow, 'sealed'>[];
  readonly signs: string[];
}

/** Rows of one certificate follow each other. */
function groupVersions(rows: readonly PlainRecord[]): Map<string, Listed> {
  const certificates = new Map<string, Listed>();
  for (const row of rows) {
    const found = certificates.get(row.credentialId);
    if (found) found.versions.push(toPlainVersion(row));
    else {
      const { credentialId, name } = row;
      certificates.set(credentialId, { credentialId, name, versions: [toPlainVersion(row)], signs: [] });
    }
  }
  return certificates;
}

type CertificateReads = Pick<CredentialRecords, 'listCertificates' | 'certificateVersions' | 'signedBy' | 'childrenOf'>;

export function createCertificateReads(db: Database): CertificateReads {
  async function signed(statement: BySigner, caName: string): Promise<SignedRow[]> {
    const rows = await db.slowQuery(statement, { caLower: toColumn(lowerName(caName)) });
    return rows.map((row) => ({ ...toVersion(row), nameSeq: row.nameSeq }));
  }

  return {
    async listCertificates({ access: { actor }, name }) {
      if (name !== undefined && !storable(name)) return [];
      const rows =
        name === undefined
          ? await db.slowQuery(ALL_CERTIFICATES, { actor })
          : await db.read(CERTIFICATE_BY_NAME, { actor, nameLower: lowerName(name) });
      const certificates = [...groupVersions(rows).values()];
      const byName = new Map(certificates.map((certificate) => [lowerName(certificate.name), certificate]));
      if (byName.size > 0) {
        const signs = await db.slowQuery(SIGNED_NAMES, { names: textArray([...byName.keys()]) });
        for (const { ca, name: leaf } of signs) byName.get(ca)?.signs.push(leaf);
      }
      return certificates;
    },

    async certificateVersions({ access, credentialId, current }) {
      if (!isUuid(credentialId)) return undefined;
      const statement = current ? CURRENT_VERSIONS : ALL_VERSIONS;
      const rows = await db.read(statement, { actor: access.actor, id: credentialId });
      return rows.length > 0 ? rows.map(toVersion) : undefined;
    },

    signedBy: ({ caName }) => signed(SIGNED_BY, caName),
    childrenOf: ({ caName }) => signed(CHILDREN_OF, caName),
  };
}
