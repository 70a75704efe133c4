/** A secret document as bytes: for each entry a byte and the name, then four bytes (big endian) and the text, all UTF-8. */
import { CredError, type Secret, type SecretDocument, secret } from '@credplex/core';

export function encodeDocument(document: SecretDocument): Buffer {
  const parts: Buffer[] = [];
  for (const [name, value] of Object.entries(document)) {
    const label = Buffer.from(name);
    const text = Buffer.from(value.reveal());
    if (label.length > 255) throw new TypeError('a name in a secret document has at most 255 bytes');
    const length = Buffer.alloc(4);
    length.writeUInt32BE(text.length);
    parts.push(Buffer.from([label.length]), label, length, text);
  }
  return Buffer.concat(parts);
}

/** @throws CredError `vault_corrupt` */
export function decodeDocument(bytes: Buffer): SecretDocument {
  const entries: [string, Secret][] = [];
  let at = 0;
  try {
    while (at < bytes.length) {
      const labelEnd = at + 1 + bytes.readUInt8(at);
      const textEnd = labelEnd + 4 + bytes.readUInt32BE(labelEnd);
      if (textEnd > bytes.length) throw new RangeError('cut off');
      entries.push([bytes.toString('utf8', at + 1, labelEnd), secret(bytes.toString('utf8', labelEnd + 4, textEnd))]);
      at = textEnd;
    }
  } catch (cause) {
    throw new CredError('vault_corrupt', {}, { cause });
  }
  return Object.fromEntries(entries);
}
