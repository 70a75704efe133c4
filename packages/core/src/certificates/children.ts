/**
 * With `certificates.concatenate_cas`, what a CA signed carries both certificates of a rotating pair: when the pair changes, each
 * of them gets a new version with the same certificate and key and the new `ca` (server-facts 4.4).
 */
import { auditOf } from '../credentials/context.ts';
import { mapBounded } from '../credentials/map-bounded.ts';
import { openValue, VAULT_WIDTH } from '../credentials/open.ts';
import { abandon, sealVersion } from '../credentials/seal.ts';
import type { Caller, CredentialDeps } from '../credentials/service.ts';
import { concatenated } from '../credentials/signer.ts';
import { parseJson } from '../json/parse.ts';
import { objectOf } from '../json/read.ts';
import { jsonText } from '../json/text.ts';
import { JsonObject } from '../json/tree.ts';
import type { AuditEvent } from '../ports/audit.ts';
import type { CertificateColumns, CertificateWrite, SignedRow } from '../ports/records.ts';
import { type Secret, secret } from '../secret.ts';

/** PEM texts of a CA after the change. */
export interface CaPair {
  readonly active: string | null;
  readonly transitional: string | null;
}

export interface ChildWrite extends CertificateWrite {
  readonly name: string;
}

/** Sealed new versions for all whose `ca` changes; nothing where CAs are not concatenated. */
export async function childWrites(deps: CredentialDeps, caName: string, pair: CaPair): Promise<ChildWrite[]> {
  const first = pair.active ?? pair.transitional;
  if (!deps.certificates.concatenateCas || first === null) return [];
  const ca = concatenated(deps, first, pair.active === null ? null : pair.transitional);
  const children = (await deps.records.signedBy({ caName })).filter(
    ({ certificate }) =>
      certificate?.caName?.toLowerCase() === caName.toLowerCase() && certificate.ca?.trim() !== ca.trim(),
  );
  const writes: ChildWrite[] = [];
  try {
    await mapBounded(children, VAULT_WIDTH, async (row) => {
      writes.push(await childWrite(deps, row, ca));
    });
  } catch (error) {
    await abandonWrites(deps, writes);
    throw error;
  }
  return writes;
}

async function childWrite(deps: CredentialDeps, row: SignedRow, ca: string): Promise<ChildWrite> {
  const value = withCa(await openValue(deps.vault, row), ca);
  const certificate: CertificateColumns | null = row.certificate && { ...row.certificate, ca };
  const { parameters, username, publicKey } = row;
  const plain = { parameters, username, publicKey, certificate };
  const { version, intent } = await sealVersion(deps, { value, plain }, row.metadata);
  return { name: row.name, credentialId: row.credentialId, expectSeq: row.nameSeq, version, intent };
}

/** The children changed by what was done to their CA: a row for each of them too. */
export const childAudit = (
  deps: CredentialDeps,
  caller: Caller,
  children: readonly ChildWrite[],
  cause: { readonly action: string; readonly ca: string },
): AuditEvent[] =>
  children.map(({ name, version }) =>
    auditOf(deps, caller, { action: cause.action, resource: name, versionId: version.id, details: { ca: cause.ca } }),
  );

function withCa(value: Secret, ca: string): Secret {
  const entries = new Map(objectOf(parseJson(value.reveal())).entries);
  return secret(jsonText(new JsonObject(entries.set('ca', ca))));
}

export async function abandonWrites(deps: CredentialDeps, writes: readonly CertificateWrite[]): Promise<void> {
  await mapBounded(writes, VAULT_WIDTH, ({ version, intent }) => abandon(deps, { id: version.id, intent }));
}
