/** Builders of actors, versions, writes and audit events for the conformance suites. */
import { randomUUID } from 'node:crypto';
import type {
  AuditEvent,
  CertificateColumns,
  CredentialRecords,
  NewVersion,
  Operation,
  PermissionRecords,
  VersionRow,
  WriteRequest,
  WriteResult,
} from '@credplex/core';

export const anyone = { actor: null } as const;
export function as(actor: string) {
  return { actor };
}

export function audit(action = 'SET', resource: string | null = null): AuditEvent {
  return {
    at: new Date('2026-11-22T10:00:00.123Z'),
    requestId: 'request-1',
    actor: 'uaa-client:test',
    action,
    resource,
  };
}

let clock = Date.UTC(2026, 10, 22, 10);

/** Builds a version. Each is a millisecond newer than the one before, so that finds have an order. */
export function version(parts: Partial<NewVersion> = {}): NewVersion {
  clock += 1;
  return {
    id: randomUUID(),
    createdAt: new Date(clock),
    metadata: null,
    parameters: null,
    username: null,
    publicKey: null,
    certificate: null,
    sealed: { keyId: 'key-1', format: 1, bytes: Buffer.from('sealed bytes') },
    ...parts,
  };
}

export function certificate(parts: Partial<CertificateColumns> = {}, others: Partial<NewVersion> = {}): NewVersion {
  const columns = {
    certificate: 'PEM',
    ca: null,
    trustedCa: null,
    caName: null,
    expiresAt: new Date('2027-11-22T00:00:00Z'),
    certificateAuthority: false,
    selfSigned: false,
    generated: true,
    transitional: false,
    ...parts,
  };
  return version({ certificate: columns, ...others });
}

export function write(name: string, parts: Partial<WriteRequest> = {}): WriteRequest {
  return {
    access: anyone,
    name,
    type: 'password',
    creation: 'needs_write',
    grants: [],
    expect: 'any',
    version: version(),
    audit: audit('SET', name),
    ...parts,
  };
}

export interface RecordsUnderTest {
  readonly credentials: CredentialRecords;
  readonly permissions: PermissionRecords;
  close(): Promise<void>;
}

export const ALL_OPERATIONS = ['read', 'write', 'delete', 'read_acl', 'write_acl'] as const;

/** What the parts of the suite share; `records` and `root` may be called inside tests only. */
export interface RecordsFixture {
  records(): RecordsUnderTest;
  /** The folder that this run's names lie under. */
  root(): string;
  put(path: string, parts?: Parameters<typeof write>[1]): Promise<VersionRow>;
  grant(actor: string, path: string, operations?: readonly Operation[]): ReturnType<PermissionRecords['create']>;
}

/** Returns the row of a write that must have succeeded. */
export function rowOf(result: WriteResult): VersionRow {
  if (result.outcome !== 'written') throw new Error(`not written: ${result.outcome}`);
  return result.row;
}
