/**
 * Encodes a secret document as bytes. Each entry is a length byte and the name, then a length of four bytes (big endian) and the
 * text; both in UTF-8.
 */
import { CredError, type Secret, type SecretDocument, secret } from '@credplex/core';

const LARGE_BYTES = 256 * 1024;

export function encodeDocument(document: SecretDocument): Buffer {
  const parts = Object.entries(document).map(([name, value]) =>
    value.isBytes ? Buffer.concat(entryParts(name, value.revealBytes())) : encodeEntry(name, value.reveal()),
  );
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
}

/** Returns the parts that {@link encodeDocument} concatenates. */
export function documentParts(document: SecretDocument): Uint8Array[] {
  return Object.entries(document).flatMap(([name, value]) => entryParts(name, value.revealBytes()));
}

function entryParts(name: string, text: Uint8Array): [head: Uint8Array, text: Uint8Array] {
  const head = encodeEntry(name, '');
  head.writeUInt32BE(text.length, head.length - 4);
  return [head, text];
}

function encodeEntry(name: string, text: string): Buffer {
  const [label, length] = [Buffer.byteLength(name), Buffer.byteLength(text)];
  if (label > 255) throw new TypeError('a name in a secret document has at most 255 bytes');
  const entry = Buffer.allocUnsafe(1 + label + 4 + length);
  entry.writeUInt8(label);
  entry.write(name, 1);
  entry.writeUInt32BE(length, 1 + label);
  entry.write(text, 5 + label);
  return entry;
}

/** Decodes what {@link encodeDocument} wrote. @throws CredError `vault_corrupt` */
export function decodeDocument(bytes: Buffer): SecretDocument {
  const entries: [string, Secret][] = [];
  let at = 0;
  try {
    while (at < bytes.length) {
      const labelEnd = at + 1 + bytes.readUInt8(at);
      const textEnd = labelEnd + 4 + bytes.readUInt32BE(labelEnd);
      if (textEnd > bytes.length) throw new RangeError('cut off');
      entries.push([
        bytes.toString('utf8', at + 1, labelEnd),
        secret(decodeText(bytes.subarray(labelEnd + 4, textEnd))),
      ]);
      at = textEnd;
    }
  } catch (cause) {
    throw new CredError('vault_corrupt', {}, { cause });
  }
  return Object.fromEntries(entries);
}

/** Returns a large text as bytes: decoding it takes time, and the response writer needs bytes. */
function decodeText(bytes: Buffer): string | Uint8Array {
  return bytes.length > LARGE_BYTES ? bytes : bytes.toString('utf8');
}
