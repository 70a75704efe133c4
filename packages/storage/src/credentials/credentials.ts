import type { CredentialRecords } from '@credplex/core';
import type { Database } from '../postgres/database.ts';
import { createCertificateChanges } from './change-certificates.ts';
import { createCredentialDelete } from './delete-credential.ts';
import { createFind } from './find-credentials.ts';
import { createCertificateReads } from './read-certificates.ts';
import { createCredentialReads } from './read-credentials.ts';
import { createVersionKeys } from './version-keys.ts';
import { createCredentialViews } from './view-credential.ts';
import { createCredentialWrite } from './write-credential.ts';

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
    ...createVersionKeys(db),
  };
}
