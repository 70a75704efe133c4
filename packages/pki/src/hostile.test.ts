import { X509Certificate } from 'node:crypto';
import { PkiError, Secret } from '@credplex/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fixture, setCertificate } from '../test/recorded.ts';
import { clientIdentity } from './client-identity.ts';
import { isSignedBy, parse } from './parse.ts';
import { encodePem } from './pem.ts';
import { privateKeyMatches, publicKeyLength } from './private-key.ts';
import { needsRenewal } from './server-identity.ts';

const REAL = ['ca1', 'leaf1', 'rich', 'ec', 'ed', 'nobc', 'rsa1024', 'longca'];
const DERS = REAL.map((name) => Buffer.from(new X509Certificate(fixture(name)).raw));
const KEYS = ['leaf1_key', 'leaf1_key_pkcs8', 'ec_key_sec1', 'leaf1_key_encrypted_pkcs1'].map(fixture);
const RUNS = { numRuns: 500 };

/** Runs it; anything but a PkiError comes through. */
function onlyPkiErrors(act: () => unknown): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
  }
}

function readAll(text: string): void {
  onlyPkiErrors(() => parse(text));
  onlyPkiErrors(() => isSignedBy(text, fixture('ca1')));
  onlyPkiErrors(() => isSignedBy(fixture('leaf1'), text));
  onlyPkiErrors(() => isSignedBy(text, text));
  onlyPkiErrors(() => privateKeyMatches(new Secret(fixture('leaf1_key')), text));
  onlyPkiErrors(() => privateKeyMatches(new Secret(text), fixture('leaf1')));
  publicKeyLength(text);
  needsRenewal(text, new Date(0));
}

function readDerEverywhere(der: Uint8Array): void {
  clientIdentity(der);
  for (const label of ['CERTIFICATE', 'PUBLIC KEY', 'RSA PRIVATE KEY', 'PRIVATE KEY', 'EC PRIVATE KEY']) {
    readAll(encodePem(label, der));
  }
}

const mutations = fc.array(
  fc.record({
    at: fc.nat(),
    kind: fc.constantFrom('set', 'flip', 'cut', 'insert', 'drop', 'double'),
    byte: fc.oneof(
      fc.integer({ min: 0, max: 255 }),
      fc.constantFrom(0x00, 0x30, 0x31, 0x80, 0x81, 0x82, 0x84, 0xff, 0xa3),
    ),
  }),
  { minLength: 1, maxLength: 6 },
);

function mutate(bytes: Buffer, changes: { at: number; kind: string; byte: number }[]): Buffer {
  let result = Buffer.from(bytes);
  for (const { at, kind, byte } of changes) {
    const i = result.length === 0 ? 0 : at % result.length;
    const [head, tail] = [result.subarray(0, i), result.subarray(i)];
    if (kind === 'set') result[i] = byte;
    else if (kind === 'flip') result[i] = (result[i] ?? 0) ^ (1 << (byte & 7));
    else if (kind === 'cut') result = Buffer.from(head);
    else if (kind === 'insert') result = Buffer.concat([head, Buffer.of(byte), tail]);
    else if (kind === 'drop') result = Buffer.concat([head, tail.subarray(1 + (byte & 15))]);
    else result = Buffer.concat([head, tail.subarray(0, byte), tail]);
  }
  return result;
}

describe('hostile input ends in a PkiError or a certificate, and in nothing else', () => {
  test('real certificates, changed', () => {
    fc.assert(
      fc.property(fc.constantFrom(...DERS), mutations, (der, changes) => {
        const changed = mutate(der, changes);
        clientIdentity(changed);
        readAll(encodePem('CERTIFICATE', changed));
      }),
      RUNS,
    );
  });

  test('real keys, changed', () => {
    fc.assert(
      fc.property(fc.constantFrom(...KEYS), mutations, (key, changes) => {
        const [first = '', ...rest] = key.split('\n');
        const body = Buffer.from(rest.slice(0, -2).join(''), 'base64');
        const text = encodePem(first.slice(11, -5), mutate(body, changes));
        onlyPkiErrors(() => privateKeyMatches(new Secret(text), fixture('leaf1')));
        onlyPkiErrors(() =>
          privateKeyMatches(new Secret(mutate(Buffer.from(key), changes).toString()), fixture('leaf1')),
        );
      }),
      RUNS,
    );
  });

  test('PEM texts, changed as text and put together in any order', () => {
    const piece = fc.oneof(
      fc.constantFrom(...Object.values(setCertificate.fixtures)),
      fc.constantFrom(
        '-----BEGIN CERTIFICATE-----',
        '-----END CERTIFICATE-----',
        '-----BEGIN ',
        '-----',
        '\n',
        '\r',
        ':',
        '=',
      ),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), mutations, (pieces, changes) => {
        readAll(pieces.join(''));
        readAll(mutate(Buffer.from(pieces.join('\n')), changes).toString('latin1'));
      }),
      { numRuns: 200 },
    );
  });

  test('random bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), readDerEverywhere), { numRuns: 300 });
  });

  test('every truncation of a certificate', () => {
    const der = DERS[1] ?? Buffer.of();
    for (let length = 0; length < der.length; length++) {
      expect(() => parse(encodePem('CERTIFICATE', der.subarray(0, length)))).toThrow(PkiError);
      expect(clientIdentity(der.subarray(0, length))).toEqual({ kind: 'invalid_identity' });
    }
  });
});

describe('input made to exhaust is refused at the price of its bytes', () => {
  const nested = (tag: number, depth: number): Buffer => {
    const layers: Buffer[] = [];
    for (let length = 0; layers.length < depth; length += 6) {
      layers.push(Buffer.of(tag, 0x84, length >>> 24, (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff));
    }
    return Buffer.concat(layers.reverse());
  };

  test.each([
    ['a length of 2^32 - 1', Buffer.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0)],
    ['a length of 127 octets', Buffer.concat([Buffer.of(0x30, 0xff), Buffer.alloc(127, 0xff)])],
    ['an indefinite length', Buffer.of(0x30, 0x80, 0x30, 0x80, 0, 0, 0, 0)],
    ['100,000 sequences inside each other', nested(0x30, 100_000)],
    ['100,000 sets inside each other', nested(0x31, 100_000)],
    ['a tag number without end', Buffer.alloc(10_000, 0xff)],
    ['20,000 empty values', Buffer.concat([Buffer.of(0x30, 0x82, 0x9c, 0x40), Buffer.alloc(40_000, Buffer.of(5, 0))])],
    ['zeros', Buffer.alloc(100_000)],
  ])('%s', (_, der) => {
    readDerEverywhere(der);
    expect(() => parse(encodePem('CERTIFICATE', der))).toThrow(expect.objectContaining({ code: 'certificate_value' }));
  });

  test.each([
    ['40,000 BEGIN lines', '-----BEGIN CERTIFICATE-----\n'.repeat(40_000)],
    ['a million dashes', '-'.repeat(1_000_000)],
    ['a BEGIN line of a million blanks', `-----BEGIN CERTIFICATE-----${' '.repeat(1_000_000)}x`],
    ['a label of a million letters', `-----BEGIN ${'A'.repeat(1_000_000)}-----`],
    ['a million blanks', ' '.repeat(1_000_000)],
    ['five million line ends', '\n'.repeat(5_000_000)],
    [
      'a key of five million line ends',
      `-----BEGIN PRIVATE KEY-----${'\n'.repeat(5_000_000)}-----END PRIVATE KEY-----\n`,
    ],
    ['a million equal signs', `-----BEGIN CERTIFICATE-----\n${'='.repeat(1_000_000)}`],
  ])('%s', (_, text) => {
    readAll(text);
  });
});
