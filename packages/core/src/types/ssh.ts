import { objectOf, readFields } from '../json/read.ts';
import type { JsonNode } from '../json/tree.ts';
import { generateKey, type KeyChoice, SSH_KEY_TYPES } from '../key-algorithms/index.ts';
import { parseSshPublicKey, type SshPublicKey, sshKeyPair } from '../key-algorithms/ssh-line.ts';
import { type Secret, secret } from '../secret.ts';
import {
  type CredentialContent,
  type CredentialType,
  exceedsTextLimit,
  type GeneratePlan,
  NO_PLAIN_PARTS,
  type Stored,
} from './credential-type.ts';
import { ignored, nullableTexts, objectShape, text } from './fields.ts';
import { checkKeys, keyPairValueFields } from './key-pair.ts';
import {
  keyForRegeneration,
  keyLengthField,
  keyTypeField,
  matchesRequestedKey,
  type RequestedKey,
  readKeyParameters,
} from './key-parameters.ts';

const valueFields = { ...keyPairValueFields, public_key_fingerprint: ignored };
const parameterFields = {
  key_type: keyTypeField(SSH_KEY_TYPES),
  key_length: keyLengthField,
  ssh_comment: text({ flag: { char: 'm', summary: 'Comment at the end of the public key' } }),
};

function readParameters(node: JsonNode) {
  return node === null ? {} : readFields(objectOf(node), parameterFields);
}

function buildContent(
  public_key: string | null,
  private_key: string | null,
  fingerprint: string | undefined,
): CredentialContent {
  return {
    value: secret(JSON.stringify({ public_key, private_key, public_key_fingerprint: fingerprint ?? null })),
    plain: { ...NO_PLAIN_PARTS, publicKey: public_key },
  };
}

function generatedContent(publicKey: string, privateKey: Secret): CredentialContent {
  return buildContent(publicKey, privateKey.reveal(), parseSshPublicKey(publicKey)?.fingerprint);
}

function setContent({
  public_key,
  private_key,
}: {
  public_key: string | null;
  private_key: string | null;
}): CredentialContent {
  const key = public_key === null ? undefined : parseSshPublicKey(public_key);
  return buildContent(public_key, private_key, key?.hasFingerprintWhenSet ? key.fingerprint : undefined);
}

function storedKey(stored: Stored): SshPublicKey | undefined {
  return stored.plain.publicKey === null ? undefined : parseSshPublicKey(stored.plain.publicKey);
}

/**
 * @param comment `''` means none. So does null, but null never equals a stored comment
 * (docs/reference/credhub-server.md#converge).
 */
function plan(key: KeyChoice, comment: string | null, matchesKey: (stored: SshPublicKey) => boolean): GeneratePlan {
  return {
    isOversized: exceedsTextLimit(comment),
    isCheap: false,
    make: async (_name, _ca, signal) => {
      const { publicKey, privateKey } = sshKeyPair(await generateKey(key, signal), comment);
      return generatedContent(publicKey, privateKey);
    },
    converges: (stored) => {
      const storedPublicKey = storedKey(stored);
      // A comment of spaces is lost in the public key line.
      return (
        storedPublicKey !== undefined &&
        matchesKey(storedPublicKey) &&
        (storedPublicKey.comment ?? '') === comment?.trim()
      );
    },
  };
}

/** An SSH key pair (docs/reference/credhub-server.md#type-ssh). */
export const sshType = {
  name: 'ssh',
  label: 'SSH',
  position: 6,
  value: objectShape(valueFields),
  shown: nullableTexts('public_key', 'private_key', 'public_key_fingerprint'),
  set(value) {
    const read = readFields(objectOf(value), valueFields);
    return () => {
      const keys = checkKeys(read);
      return { isOversized: exceedsTextLimit(keys.public_key), isCheap: true, make: () => setContent(keys) };
    };
  },
  generation: {
    parameters: parameterFields,
    readParameters,
    check({ parameters = {} }: { parameters?: ReturnType<typeof readParameters> }) {
      const key: RequestedKey = readKeyParameters(parameters, SSH_KEY_TYPES);
      const { ssh_comment: comment = '' } = parameters;
      return () => plan(key, comment, (stored) => matchesRequestedKey(key, stored));
    },
    regenerate(stored) {
      const before = storedKey(stored);
      return plan(keyForRegeneration(before), before?.comment ?? '', () => true);
    },
  },
} as const satisfies CredentialType;
