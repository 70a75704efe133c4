import { X509Certificate } from 'node:crypto';
import { CommandFailure } from '../failure.ts';
import type { Api } from './api.ts';
import {
  activeVersion,
  type Certificate,
  currentPems,
  listCertificates,
  transitionalVersion,
} from './certificate-list.ts';

/**
 * The stage of a CA rotation. It is derived only from the server, so that a step can be repeated and another person can
 * continue (docs/reference/ca-rotation.md).
 *
 * - `idle`: one version; no rotation is in progress.
 * - `introduced`: the new version is transitional, the old one still signs.
 * - `switched`: the new version signs, the old one is transitional, some certificates are still the old one's.
 * - `regenerated`: the same, but every certificate is verified by the new version.
 */
export type Stage = 'idle' | 'introduced' | 'switched' | 'regenerated';

export interface Rotation {
  readonly ca: Certificate;
  readonly stage: Stage;
  /** Certificates below the CA that the new version does not verify yet. */
  readonly outstanding: readonly string[];
}

/** Reads the stage of a rotation. @throws CommandFailure when there is no CA with that name. */
export async function inspectRotation(api: Api, name: string): Promise<Rotation> {
  const [ca] = await listCertificates(api, name);
  const active = ca === undefined ? undefined : activeVersion(ca);
  if (ca === undefined || active === undefined) throw new CommandFailure(`There is no certificate ${name} to rotate.`);
  if (!active.isCa) throw new CommandFailure(`${ca.name} is no certificate authority.`);
  const other = transitionalVersion(ca);
  if (other === undefined) return { ca, stage: 'idle', outstanding: [] };
  if (isNewer(ca, other.id, active.id)) return { ca, stage: 'introduced', outstanding: [] };
  const outstanding = await findUnverified(api, ca);
  return { ca, stage: outstanding.length === 0 ? 'regenerated' : 'switched', outstanding };
}

/** Versions are listed newest first. */
function isNewer({ versions }: Certificate, id: string, than: string): boolean {
  return versions.findIndex((one) => one.id === id) < versions.findIndex((one) => one.id === than);
}

/** Finds certificates below the CA, at any depth, that the active version of their signer does not verify. */
async function findUnverified(api: Api, ca: Certificate): Promise<readonly string[]> {
  const all = new Map((await listCertificates(api)).map((one) => [one.name, one]));
  const failing: string[] = [];
  const visited = new Set<string>([ca.name]);
  const visit = async (signer: Certificate): Promise<void> => {
    const { active } = await currentPems(api, signer.name);
    for (const name of signer.signs) {
      const signed = all.get(name);
      if (visited.has(name) || (signed !== undefined && isSignedByOther(signer, signed))) continue;
      visited.add(name);
      if (!isVerifiedBy(active, (await currentPems(api, name)).active)) failing.push(name);
      if (signed !== undefined) await visit(signed);
    }
  };
  await visit(all.get(ca.name) ?? ca);
  return failing;
}

/**
 * Returns whether the active version is signed by another CA. The server lists only the CA of the newest version. While
 * that version is transitional, the certificate counts as outstanding, which is the safe choice.
 */
function isSignedByOther(signer: Certificate, { signedBy, versions }: Certificate): boolean {
  return versions[0]?.transitional === false && signedBy.toLowerCase() !== signer.name.toLowerCase();
}

function isVerifiedBy(signer: string, signed: string): boolean {
  try {
    return new X509Certificate(signed).verify(new X509Certificate(signer).publicKey);
  } catch {
    return false;
  }
}

/**
 * Performs the next step. Every chain stays valid if the results of the previous step have been deployed.
 *
 * @throws ServerFailure when the server refuses; nothing has changed then.
 */
export async function takeStep(api: Api, { ca, stage }: Rotation): Promise<void> {
  const params = { id: ca.id };
  const mark = (version: string | null): Promise<unknown> =>
    api.call('PUT /api/v1/certificates/{id}/update_transitional_version', { params, body: { version } });
  switch (stage) {
    case 'idle':
      await api.call('POST /api/v1/certificates/{id}/regenerate', { params, body: { set_as_transitional: true } });
      return;
    case 'introduced':
      await mark(activeVersion(ca)?.id ?? null);
      return;
    case 'switched':
      await api.call('POST /api/v1/bulk-regenerate', { body: { signed_by: ca.name } });
      return;
    case 'regenerated':
      await mark(null);
  }
}
