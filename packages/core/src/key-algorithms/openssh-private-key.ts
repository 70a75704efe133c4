/** Writes unencrypted private keys in OpenSSH's own format (PROTOCOL.key in the OpenSSH sources). */
import { randomBytes } from 'node:crypto';
import { type Secret, secret } from '../secret.ts';
import { encodeParts, textPart, uint32 } from './ssh-parts.ts';

const MAGIC = 'openssh-key-v1\0';
const BLOCK_OCTETS = 8;
const CHECK_OCTETS = 4;

/** Returns the PEM of a key. `publicBlob` is the encoded public key; `privateParts` start with the algorithm name. */
export function opensshPrivateKey(publicBlob: Buffer, privateParts: readonly Uint8Array[], comment: string): Secret {
  // Two equal check integers; in an encrypted key they verify the passphrase.
  const check = randomBytes(CHECK_OCTETS);
  const content = Buffer.concat([check, check, encodeParts([...privateParts, textPart(comment)])]);
  const missing = (BLOCK_OCTETS - (content.length % BLOCK_OCTETS)) % BLOCK_OCTETS;
  const padding = Buffer.from(Array.from({ length: missing }, (_, i) => i + 1));
  const none = textPart('none');
  const file = Buffer.concat([
    Buffer.from(MAGIC, 'latin1'),
    encodeParts([none, none, Buffer.alloc(0)]),
    uint32(1),
    encodeParts([publicBlob, Buffer.concat([content, padding])]),
  ]);
  const lines = file.toString('base64').replace(/.{1,70}/g, '$&\n');
  return secret(`-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}-----END OPENSSH PRIVATE KEY-----\n`);
}
