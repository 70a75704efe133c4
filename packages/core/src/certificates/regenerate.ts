import type { Caller } from '../caller.ts';
import { storedOf } from '../credentials/open.ts';
import { anyField, isMetadataTooLong, metadataText } from '../credentials/request.ts';
import type { CredentialDeps, CredentialView } from '../credentials/service.ts';
import { otherSigner, resolveSigner, signerKey } from '../credentials/signer.ts';
import { toolsOf } from '../credentials/tools.ts';
import { CredError } from '../errors.ts';
import { objectOf, readFields } from '../json/read.ts';
import type { JsonNode } from '../json/tree.ts';
import { certificateType } from '../types/certificate.ts';
import type { CredentialContent } from '../types/credential-type.ts';
import { flag, nullableInteger } from '../types/fields.ts';
import { type AddedContent, addVersion, checkTransitional, type WritableCertificate } from './add-version.ts';

export const regenerateCertificateFields = {
  set_as_transitional: flag({ default: false }),
  allow_transitional_parent_to_sign: flag({ default: false }),
  key_length: nullableInteger({ description: 'Bits of an RSA key. Absent: as the newest version has' }),
  duration: nullableInteger({ description: 'Days. Absent: as the newest version has' }),
  metadata: anyField,
};

/**
 * POST /api/v1/certificates/{id}/regenerate: write on the certificate is enough, its CA need not be readable
 * (recorded).
 */
export async function regenerateCertificate(
  deps: CredentialDeps,
  caller: Caller,
  credentialId: string,
  body: JsonNode | undefined,
): Promise<CredentialView> {
  const read =
    body === undefined || body === null
      ? {}
      : readFields(objectOf(body), regenerateCertificateFields, { beforeUnknown: () => {} });
  const transitional = read.set_as_transitional ?? false;
  const metadata = metadataText(read.metadata);
  const options = { keyLength: read.key_length ?? undefined, duration: read.duration ?? undefined, transitional };
  const allowTransitional = read.allow_transitional_parent_to_sign ?? false;
  let last: { key: string; made: CredentialContent } | undefined;
  const make = async (view: WritableCertificate): Promise<AddedContent> => {
    const base = view.active ?? view.transitional;
    if (base === undefined) throw new CredError('ca_not_found');
    const plan = certificateType.generation.regenerate(storedOf(deps.vault, base), toolsOf(deps), options);
    const rules = { unreadable: undefined, needsKey: true, allowTransitional };
    const ca = plan.ca === undefined ? undefined : await resolveSigner(deps, view.signer, rules);
    // In the original's order: what the stored certificate allows, the CA, the transitional version, the size.
    checkTransitional(transitional, view);
    if (isMetadataTooLong(metadata)) throw new CredError('exceeds_maximum_size');
    const key = `${base.id} ${signerKey(ca)}`;
    last = last?.key === key ? last : { key, made: await plan.make(view.credential.name, ca) };
    return { ...last.made, signer: otherSigner(ca, view.credential) };
  };
  const action = 'REGENERATE_CERTIFICATE';
  return addVersion(deps, caller, { credentialId, signer: 'stored', transitional, metadata, action, make });
}
