import { CredError } from '../errors.ts';
import type { KeyDescription } from '../key-algorithms/key-algorithm.ts';
import {
  certificateFields,
  checkCertificateParameters,
  type ReadCertificateParameters,
  readCertificateParameters,
} from './certificate-parameters.ts';
import { certificatePlan, parseStored } from './certificate-plan.ts';
import { bindCertificateSet, certificateValueFields } from './certificate-set.ts';
import type { CredentialType } from './credential-type.ts';
import { nullableTexts, objectShape } from './fields.ts';
import { keyForRegeneration, matchesRequestedKey, withLength } from './key-parameters.ts';

/**
 * Set certificates may have an RSA key of any length; new keys stay between what OpenSSL makes and what keeps the queue
 * moving.
 */
function nearestLength(bits: number): number {
  return Math.min(4096, Math.max(1024, bits));
}

/**
 * An X.509 certificate with its key and its CA (docs/reference/credhub-server.md#certificate-generation,
 * docs/reference/credhub-server.md#certificate-set).
 */
export const certificateType = {
  name: 'certificate',
  label: 'Certificate',
  position: 5,
  value: objectShape(certificateValueFields),
  shown: nullableTexts('ca', 'certificate', 'private_key'),
  set: bindCertificateSet,
  generation: {
    parameters: certificateFields,
    withoutParameters: { missing: 'no_certificate_parameters', null: 'bad_request' },
    readParameters: readCertificateParameters,
    check({ parameters }: { parameters?: ReadCertificateParameters }, tools) {
      if (parameters === undefined) throw new CredError('no_certificate_parameters');
      const checkRest = checkCertificateParameters(parameters, tools.pki);
      return () => {
        const { key, duration, ca, ...profile } = checkRest();
        const isAskedFor = (stored: KeyDescription): boolean => matchesRequestedKey(key, stored);
        return certificatePlan({ profile, key, matchesKey: isAskedFor, duration, ca, transitional: false }, tools);
      };
    },
    regenerate(stored, tools, options = {}) {
      const parsed = parseStored(stored, tools);
      const caName = stored.plain.certificate?.caName ?? null;
      if (!parsed || (!parsed.selfSigned && caName === null)) {
        throw new CredError('cannot_regenerate_non_generated_certificate');
      }
      // With either option, the parameters are checked like those of a generate request (recorded: odd-values).
      const isChanged = options.keyLength !== undefined || options.duration !== undefined;
      const kept = keyForRegeneration(parsed.key, nearestLength);
      return certificatePlan(
        {
          profile: parsed.profile,
          key: isChanged ? withLength(kept, options.keyLength) : kept,
          matchesKey: () => true,
          duration: options.duration ?? parsed.durationDays,
          ca: parsed.selfSigned ? undefined : (caName ?? undefined),
          transitional: options.transitional ?? false,
        },
        tools,
      );
    },
  },
} as const satisfies CredentialType;
