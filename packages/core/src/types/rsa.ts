import { objectOf, readFields } from '../json/read.ts';
import type { JsonNode } from '../json/tree.ts';
import { generateKey } from '../key-algorithms/index.ts';
import { secret } from '../secret.ts';
import {
  type CredentialContent,
  type CredentialType,
  exceedsTextLimit,
  type GeneratePlan,
  NO_PLAIN_PARTS,
  type Stored,
  type Tools,
} from './credential-type.ts';
import { nullableTexts, objectShape } from './fields.ts';
import { checkKeys, keyPairValueFields } from './key-pair.ts';
import { keyForRegeneration, keyLengthField, readKeyParameters } from './key-parameters.ts';

const KEY_TYPE = 'rsa';

const parameterFields = { key_length: keyLengthField };

function readParameters(node: JsonNode) {
  return node === null ? {} : readFields(objectOf(node), parameterFields);
}

function buildContent(keys: { public_key: string | null; private_key: string | null }): CredentialContent {
  return {
    value: secret(JSON.stringify({ public_key: keys.public_key, private_key: keys.private_key })),
    plain: { ...NO_PLAIN_PARTS, publicKey: keys.public_key },
  };
}

function storedLength(stored: Stored, tools: Tools): number | undefined {
  return stored.plain.publicKey === null ? undefined : tools.pki.publicKeyLength(stored.plain.publicKey);
}

function plan(bits: number, tools: Tools): GeneratePlan {
  return {
    isOversized: false,
    isCheap: false,
    make: async (_name, _ca, signal) => {
      const pair = await generateKey({ type: KEY_TYPE, bits }, signal);
      return buildContent({ public_key: pair.publicKey, private_key: pair.privateKey.reveal() });
    },
    converges: (stored) => storedLength(stored, tools) === bits,
  };
}

/** An RSA key pair in PEM (docs/reference/credhub-server.md#type-rsa). */
export const rsaType = {
  name: 'rsa',
  label: 'RSA',
  position: 7,
  value: objectShape(keyPairValueFields),
  shown: nullableTexts('public_key', 'private_key'),
  set(value) {
    const read = readFields(objectOf(value), keyPairValueFields);
    return () => {
      const keys = checkKeys(read);
      return { isOversized: exceedsTextLimit(keys.public_key), isCheap: true, make: () => buildContent(keys) };
    };
  },
  generation: {
    parameters: parameterFields,
    readParameters,
    check({ parameters }: { parameters?: ReturnType<typeof readParameters> }, tools) {
      const { bits } = readKeyParameters(parameters ?? {}, [KEY_TYPE]);
      return () => plan(bits, tools);
    },
    regenerate(stored, tools) {
      const bits = storedLength(stored, tools);
      return plan(keyForRegeneration(bits === undefined ? undefined : { type: KEY_TYPE, bits }).bits, tools);
    },
  },
} as const satisfies CredentialType;
