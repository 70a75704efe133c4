import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { createClientAddress, parseAddressRange } from './client-address.ts';

function incoming(peer: string | undefined, forwarded?: string) {
  return {
    socket: { remoteAddress: peer },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  } as unknown as IncomingMessage;
}

const trusted = ['10.0.0.0/8', '192.0.2.7', '2001:db8:1::/48', '::ffff:172.16.0.0/108'];

test.each([
  // Nobody forwards: the peer.
  ['203.0.113.1', undefined, '203.0.113.1'],
  ['10.1.2.3', undefined, '10.1.2.3'],
  // A peer that is not trusted says nothing about anybody.
  ['203.0.113.1', '198.51.100.1', '203.0.113.1'],
  ['192.0.2.8', '198.51.100.1', '192.0.2.8'],
  // The right-most address that is not trusted.
  ['10.1.2.3', '198.51.100.1', '198.51.100.1'],
  ['10.1.2.3', '203.0.113.66, 198.51.100.1', '198.51.100.1'],
  ['10.1.2.3', '203.0.113.66, 198.51.100.1, 192.0.2.7,10.9.9.9', '198.51.100.1'],
  ['172.16.5.5', '198.51.100.1', '198.51.100.1'],
  // All of them trusted, or none there: the peer.
  ['10.1.2.3', '10.0.0.1, 192.0.2.7', '10.1.2.3'],
  ['10.1.2.3', '', '10.1.2.3'],
  ['10.1.2.3', ' , ', '10.1.2.3'],
  ['10.1.2.3', '198.51.100.1,', '198.51.100.1'],
  // What is no address hides everything to its left.
  ['10.1.2.3', 'unknown', '10.1.2.3'],
  ['10.1.2.3', '198.51.100.1, unknown', '10.1.2.3'],
  ['10.1.2.3', '198.51.100.1, 1.2.3', '10.1.2.3'],
  ['10.1.2.3', '198.51.100.1 cs3=forged', '10.1.2.3'],
  // Spellings.
  ['::ffff:10.1.2.3', '::ffff:198.51.100.1', '198.51.100.1'],
  ['::ffff:203.0.113.1', '198.51.100.1', '203.0.113.1'],
  ['10.1.2.3', '198.51.100.1:4711', '198.51.100.1'],
  ['10.1.2.3', '[2001:db8:2::1]:4711', '2001:db8:2::1'],
  ['2001:db8:1::5', '[2001:db8:2::1]', '2001:db8:2::1'],
  ['2001:db8:1::5', '2001:db8:2::1, 2001:db8:1:0::6', '2001:db8:2::1'],
  ['fe80::1%eth0', '198.51.100.1', 'fe80::1'],
  [undefined, '198.51.100.1', ''],
])('peer %s, X-Forwarded-For %j: %s', (peer, forwarded, expected) => {
  expect(createClientAddress(trusted)(incoming(peer, forwarded)).address).toBe(expected);
});

test('without trusted proxies the client is the peer', () => {
  const clientOf = createClientAddress([]);
  expect(clientOf(incoming('127.0.0.1', '198.51.100.1'))).toEqual({ address: '127.0.0.1', viaProxy: false });
  expect(clientOf(undefined)).toEqual({ address: '', viaProxy: false });
});

test('a trusted peer is a proxy whatever it forwards', () => {
  const clientOf = createClientAddress(['127.0.0.1', '::1']);
  for (const peer of ['127.0.0.1', '::ffff:127.0.0.1', '::1']) expect(clientOf(incoming(peer)).viaProxy).toBe(true);
  expect(clientOf(incoming('127.0.0.2')).viaProxy).toBe(false);
});

describe('a range', () => {
  test.each([
    ['10.0.0.1', { address: '10.0.0.1', prefix: 32 }],
    ['10.0.0.0/8', { address: '10.0.0.0', prefix: 8 }],
    ['::1', { address: '::1', prefix: 128 }],
    ['::ffff:10.0.0.0/104', { address: '10.0.0.0', prefix: 8 }],
  ])('%s', (text, range) => {
    expect(parseAddressRange(text)).toEqual(range);
  });

  test.each(['', 'proxy.example', '10.0.0', '10.0.0.0/33', '::/129', '10.0.0.0/', '10.0.0.0/-1', '10.0.0.1:80', '*'])(
    '%j is none',
    (text) => {
      expect(parseAddressRange(text)).toBeUndefined();
    },
  );
});
