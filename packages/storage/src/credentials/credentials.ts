import type { CredentialRecords } from '@credplex/core';
import { count } from 'drizzle-orm';
import type { Database } from '../postgres/database.ts';
import { credentialVersion } from '../schema/index.ts';
import { createCertificateChanges } from './change-certificates.ts';
import { createCredentialDelete } from './delete-credential.ts';
import { createFind } from './find-credentials.ts';
import { createCertificateReads } from './read-certificates.ts';
import { createCredentialReads } from './read-credentials.ts';
import { createCredentialViews } from './view-credential.ts';
import { createCredentialWrite } from './write-credential.ts';

async function countVersionsByKey(db: Database): Promise<Map<string, number>> {
  const { keyId } = credentialVersion;
  const rows = await db.slowQuery((queries) =>
    queries.select({ keyId, count: count() }).from(credentialVersion).groupBy(keyId),
  );
  return new Map(rows.map((row) => [row.keyId, row.count]));
}

/** CredHub's names and versions on PostgreSQL. */
export function createCredentialRecords(db: Database): CredentialRecords {
  return {
    ...createCredentialReads(db),
    ...createCredentialViews(db),
    write: createCredentialWrite(db),
    delete: createCredentialDelete(db),
    ...createFind(db),
    ...createCertificateReads(db),
    ...createCertificateChanges(db),
    countByKey: () => countVersionsByKey(db),
  };
}
