/** CIDR blocks in canonical form: shortest address, no host bits, no leading zeros (RFC 4632, RFC 5952). */
const V4 = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/;

function v4Bits(address: string): bigint | undefined {
  const octets = V4.exec(address)?.slice(1).map(Number);
  if (octets === undefined || octets.some((octet) => octet > 255)) return undefined;
  return octets.reduce((bits, octet) => (bits << 8n) | BigInt(octet), 0n);
}

function v6Bits(address: string): bigint | undefined {
  if (!/^[0-9a-f:]+$/.test(address)) return undefined;
  const url = `http://[${address}]/`;
  // The URL standard's serialiser writes the RFC 5952 form, so equality means canonical.
  if (!URL.canParse(url) || new URL(url).hostname !== `[${address}]`) return undefined;
  const [left = '', right] = address.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const tail = right === undefined ? [] : groups(right);
  const head = groups(left);
  const zeros = Array<string>(8 - head.length - tail.length).fill('0');
  return [...head, ...zeros, ...tail].reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n);
}

/** Returns whether `text` is an IPv4 or IPv6 CIDR block in canonical form. */
export function isCanonicalCidr(text: string): boolean {
  const match = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text);
  if (match === null) return false;
  const [, address = '', length = ''] = match;
  const isV6 = address.includes(':');
  const bits = isV6 ? v6Bits(address) : v4Bits(address);
  const hostBits = (isV6 ? 128 : 32) - Number(length);
  return bits !== undefined && hostBits >= 0 && (bits & ((1n << BigInt(hostBits)) - 1n)) === 0n;
}
