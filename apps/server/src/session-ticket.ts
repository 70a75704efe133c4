/**
 * Opens session tickets of this server. `server.setTicketKeys` of node:tls takes 48 bytes: 16 that name the key, 16 for
 * HMAC-SHA-256, 16 for AES-128-CBC. A ticket is the name, an initialisation vector, the sealed session and the HMAC, as RFC 5077,
 * section 4, recommends.
 */
import { createDecipheriv, X509Certificate } from 'node:crypto';

/** Length of the keys that node:tls takes. */
export const TICKET_KEY_BYTES = 48;
const NAME_END = 16;
const CIPHER_KEY_START = 32;
const VECTOR_END = 32;
const HMAC_BYTES = 32;
/** Field `peer` of a session in OpenSSL (`ssl/ssl_asn1.c`): a context-specific tag, constructed, number 3. */
const PEER_CERTIFICATE_TAG = 0xa3;

/**
 * Returns the client certificate of the session in a ticket. A ticket under another key has none, because it is never accepted.
 * The HMAC is left to OpenSSL, which refuses a changed ticket whatever is found here.
 */
export function certificateIn(ticket: Buffer, key: Buffer): X509Certificate | undefined | 'unreadable' {
  if (!ticket.subarray(0, NAME_END).equals(key.subarray(0, NAME_END))) return undefined;
  try {
    const vector = ticket.subarray(NAME_END, VECTOR_END);
    const decipher = createDecipheriv('aes-128-cbc', key.subarray(CIPHER_KEY_START), vector);
    const sealed = ticket.subarray(VECTOR_END, -HMAC_BYTES);
    return peerCertificate(Buffer.concat([decipher.update(sealed), decipher.final()]));
  } catch {
    return 'unreadable';
  }
}

/** Reads a DER sequence (X.690, 8.1) up to the certificate. @throws RangeError for anything else */
function peerCertificate(session: Buffer): X509Certificate | undefined {
  const outer = contentAt(session, 0);
  for (let at = outer.start; at < outer.end; ) {
    const { start, end } = contentAt(session, at);
    if (session.readUInt8(at) === PEER_CERTIFICATE_TAG) return new X509Certificate(session.subarray(start, end));
    at = end;
  }
  return undefined;
}

function contentAt(der: Buffer, at: number): { start: number; end: number } {
  const first = der.readUInt8(at + 1);
  const sizeOfLength = first < 0x80 ? 0 : first - 0x80;
  const length = sizeOfLength === 0 ? first : der.readUIntBE(at + 2, sizeOfLength);
  const start = at + 2 + sizeOfLength;
  if (start + length > der.length) throw new RangeError('the session is cut off');
  return { start, end: start + length };
}
