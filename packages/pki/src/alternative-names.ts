import { isIP, isIPv4 } from 'node:net';
import { hexOf, readChildren, readDer, TAG } from './der-read.ts';
import { encode, implicit, sequence } from './der-write.ts';

// GeneralName of RFC 5280 4.2.1.6
const DNS_NAME = 2;
const IP_ADDRESS = 7;

/** Returns whether a name is an IP address without a zone. A certificate cannot contain a zone such as `%eth0`. */
function isAddress(name: string): boolean {
  return isIP(name) !== 0 && !name.includes('%');
}

function ipv4Bytes(text: string): number[] {
  return text.split('.').map(Number);
}

function groups(text: string): number[] {
  return text === '' ? [] : text.split(':').flatMap((part) => (part.includes('.') ? ipv4Bytes(part) : hextet(part)));
}

function hextet(part: string): number[] {
  const value = Number.parseInt(part, 16);
  return [value >> 8, value & 0xff];
}

/** Returns the octets of an IP literal. */
function addressBytes(text: string): Uint8Array {
  if (isIPv4(text)) return Uint8Array.from(ipv4Bytes(text));
  const [head = '', tail] = text.split('::');
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const gap = new Array<number>(16 - before.length - after.length).fill(0);
  return Uint8Array.from([...before, ...gap, ...after]);
}

/**
 * Formats an IPv6 address as in RFC 5952: lower case, no leading zeros, the first longest run of zero groups as `::`.
 */
function ipv6Text(bytes: Uint8Array): string {
  const words = Array.from({ length: 8 }, (_, i) =>
    (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16),
  );
  let best = { start: 0, length: 0 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (words[start + length] === '0') length++;
    if (length > best.length) best = { start, length };
  }
  if (best.length < 2) return words.join(':');
  return `${words.slice(0, best.start).join(':')}::${words.slice(best.start + best.length).join(':')}`;
}

function addressText(bytes: Uint8Array): string {
  return bytes.length === 4 ? bytes.join('.') : ipv6Text(bytes);
}

/** Returns an IP address in canonical form, and any other name unchanged. */
export function normaliseAlternativeName(name: string): string {
  return isAddress(name) ? addressText(addressBytes(name)) : name;
}

// Guava's InternetDomainName accepts non-ASCII characters in a label. A certificate cannot contain them: a dNSName is
// an IA5String (RFC 5280, 4.2.1.6), and parsers such as Go's refuse a certificate with other octets.
const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$/;

/** Checks the rules of Guava's InternetDomainName: at most 253 characters and 127 labels, ignoring a trailing dot. */
function isDomainName(name: string): boolean {
  const labels = (name.endsWith('.') ? name.slice(0, -1) : name).split('.');
  const last = labels.at(-1) ?? '';
  const length = labels.join('.').length;
  return length <= 253 && labels.length <= 127 && labels.every((label) => LABEL.test(label)) && !/^[0-9]/.test(last);
}

const WILDCARD = /^\*?(?:\.[a-zA-Z0-9-]+)*$/;

/**
 * Returns whether CredHub accepts a name (docs/reference/credhub-server.md#alternative-names) and a certificate can
 * contain it. Does not check the length of wildcard names, which has an error of its own.
 */
export function isAlternativeName(name: string): boolean {
  return isAddress(name) || isDomainName(name) || WILDCARD.test(name);
}

/**
 * Encodes the content of the extension. Latin-1 characters are written as one octet each, so that certificates of
 * earlier releases can be regenerated with their names. @throws RangeError for other characters
 */
export function encodeAlternativeNames(names: readonly string[]): Uint8Array {
  return encode(
    sequence(
      ...names.map((name) => {
        if (isAddress(name)) return implicit(IP_ADDRESS, addressBytes(name));
        if (/[^\0-\xff]/.test(name)) throw new RangeError('alternative name outside of Latin-1');
        return implicit(DNS_NAME, Buffer.from(name, 'latin1'));
      }),
    ),
  );
}

/** Decodes DNS names and addresses. Also returns the DER if the extension has other content. @throws DerError */
export function readAlternativeNames(content: Uint8Array): { names: string[]; der: Uint8Array | undefined } {
  const names: string[] = [];
  for (const { tag, body } of readChildren(readDer(content, TAG.sequence).body)) {
    if (tag === (0x80 | DNS_NAME)) names.push(Buffer.from(body).toString('latin1'));
    else if (tag === (0x80 | IP_ADDRESS) && (body.length === 4 || body.length === 16)) names.push(addressText(body));
  }
  const same = hexOf(encodeAlternativeNames(names)) === hexOf(content);
  return { names, der: same ? undefined : Uint8Array.from(content) };
}
