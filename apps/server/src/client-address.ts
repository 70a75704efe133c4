/**
 * Determines the address of a client, for audit, login throttling, sessions and limits. Any client can send `X-Forwarded-For`, so
 * only the entries of trusted proxies count: each proxy appends the address of its peer, and the right-most address that is not a
 * trusted proxy is the client's.
 */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

export interface ClientAddress {
  /** Without zone; IPv4 never as `::ffff:…`. Empty without a socket, as in a test. */
  readonly address: string;
  /** Whether the peer of the connection is one of `trusted_proxies`. */
  readonly viaProxy: boolean;
}

export type ClientAddressOf = (incoming: IncomingMessage | undefined) => ClientAddress;

const IPV4_MAPPED = /^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i;

/** Returns an address without its zone, and an IPv4-mapped IPv6 address as IPv4 (RFC 4291, 2.5.5.2). */
export function plainAddress(address: string): string {
  return address.replace(/%.*$/, '').replace(IPV4_MAPPED, '');
}

export interface AddressRange {
  readonly address: string;
  /** Length of the network prefix in bits. */
  readonly prefix: number;
}

/** Parses an address or a CIDR; returns `undefined` for any other text. */
export function parseAddressRange(text: string): AddressRange | undefined {
  const [, given = '', bits] = /^([0-9a-f.:]+)(?:\/(\d{1,3}))?$/i.exec(text.trim()) ?? [];
  const width = isIPv4(given) ? 32 : isIPv6(given) ? 128 : undefined;
  const prefix = Number(bits ?? width);
  if (width === undefined || prefix > width) return undefined;
  const plain = plainAddress(given);
  if (width === 128 && isIPv4(plain)) return prefix < 96 ? undefined : { address: plain, prefix: prefix - 96 };
  return { address: plain, prefix };
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv4(address) ? 'ipv4' : 'ipv6';
}

/** Accepts `10.0.0.1`, `10.0.0.1:4711`, `2001:db8::1`, `[2001:db8::1]` and `[2001:db8::1]:4711`. */
function parseForwarded(entry: string): string | undefined {
  const host = /^\[([^\]]*)\](?::\d+)?$/.exec(entry)?.[1] ?? /^([\d.]+):\d+$/.exec(entry)?.[1] ?? entry;
  return isIP(host) === 0 ? undefined : plainAddress(host);
}

/** Creates the function that determines the client of a request. `trusted`: addresses and CIDRs of proxies. */
export function createClientAddress(trusted: readonly string[]): ClientAddressOf {
  const proxies = new BlockList();
  for (const text of trusted) {
    const range = parseAddressRange(text);
    if (range === undefined) throw new TypeError(`${text} is not an address or a CIDR`);
    proxies.addSubnet(range.address, range.prefix, familyOf(range.address));
  }
  const isProxy = (address: string): boolean => isIP(address) !== 0 && proxies.check(address, familyOf(address));

  const forwardedFor = (header: string): string | undefined => {
    for (const entry of header.split(',').reverse()) {
      if (entry.trim() === '') continue;
      const address = parseForwarded(entry.trim());
      // An invalid entry makes all entries before it untrustworthy.
      if (address === undefined || !isProxy(address)) return address;
    }
    return undefined;
  };

  return (incoming) => {
    const peer = plainAddress(incoming?.socket.remoteAddress ?? '');
    if (trusted.length === 0 || !isProxy(peer)) return { address: peer, viaProxy: false };
    // Node joins repeated headers with commas, in order.
    const header = incoming?.headers['x-forwarded-for'];
    return { address: (typeof header === 'string' ? forwardedFor(header) : undefined) ?? peer, viaProxy: true };
  };
}
