import { DEFAULT_KEY_LENGTH, generateRsaKeyPair } from '../generators/rsa.ts';
import { parseSshPublicKey, type SshPublicKey, sshFingerprint, sshPublicKey } from '../generators/ssh.ts';
import { objectOf, readFields } from '../json/read.ts';
import type { JsonNode } from '../json/tree.ts';
import { secret } from '../secret.ts';
import {
  type CredentialType,
  type GeneratePlan,
  type Made,
  NO_PLAIN_PARTS,
  oversized,
  type Stored,
} from './credential-type.ts';
import { ignored, objectShape, text } from './fields.ts';
import { checkKeyLength, checkKeys, keyLengthField, keyPairValueFields, lengthToKeep } from './key-pair.ts';

const valueFields = { ...keyPairValueFields, public_key_fingerprint: ignored };
const parameterFields = { key_length: keyLengthField, ssh_comment: text() };

const readParameters = (node: JsonNode) => (node === null ? {} : readFields(objectOf(node), parameterFields));

const made = ({ public_key, private_key }: { public_key: string | null; private_key: string | null }): Made => ({
  value: secret(
    JSON.stringify({
      public_key,
      private_key,
      public_key_fingerprint: (public_key === null ? undefined : sshFingerprint(public_key)) ?? null,
    }),
  ),
  plain: { ...NO_PLAIN_PARTS, publicKey: public_key },
});

const storedKey = (stored: Stored): SshPublicKey | undefined =>
  stored.plain.publicKey === null ? undefined : parseSshPublicKey(stored.plain.publicKey);

/**
 * @param comment `''` means none. So does null, but null never equals a stored comment
 * (docs/reference/credhub-server.md#converge).
 */
const plan = (bits: number, comment: string | null): GeneratePlan => ({
  oversized: oversized(comment),
  cheap: false,
  make: async (_name, _ca, signal) => {
    const pair = await generateRsaKeyPair(bits, signal);
    return made({ public_key: sshPublicKey(pair.publicKey, comment), private_key: pair.privateKey.reveal() });
  },
  converges: (stored) => {
    const key = storedKey(stored);
    // A comment of blanks alone leaves no trace in the key's line.
    return key !== undefined && key.keyLength === bits && (key.comment ?? '') === comment?.trim();
  },
});

/** An SSH key pair (docs/reference/credhub-server.md#type-ssh). */
export const sshType = {
  name: 'ssh',
  value: objectShape(valueFields),
  set(value) {
    const read = readFields(objectOf(value), valueFields);
    return () => {
      const keys = checkKeys(read);
      return { oversized: oversized(keys.public_key), cheap: true, make: () => made(keys) };
    };
  },
  generation: {
    parameters: parameterFields,
    readParameters,
    check({ parameters = {} }: { parameters?: ReturnType<typeof readParameters> }) {
      const { key_length: bits = DEFAULT_KEY_LENGTH, ssh_comment: comment = '' } = parameters;
      checkKeyLength(bits);
      return () => plan(bits, comment);
    },
    again(stored) {
      const key = storedKey(stored);
      return plan(lengthToKeep(key?.keyLength), key?.comment ?? '');
    },
  },
} as const satisfies CredentialType;
