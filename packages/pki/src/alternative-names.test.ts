import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { generateCertificate } from '../test/recorded.ts';
import {
  encodeAlternativeNames,
  isAlternativeName,
  normaliseAlternativeName,
  readAlternativeNames,
} from './alternative-names.ts';
import { hexOf } from './der-read.ts';

/** U+0000 to U+007F. */
function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}

describe('a name is taken exactly when CredHub takes it and it is ASCII', () => {
  test.each(generateCertificate.alternativeNames)('$name: $taken by CredHub', ({ name, taken }) => {
    expect(isAlternativeName(name)).toBe(taken && isAscii(name));
  });

  test('no character above ASCII is taken, anywhere in a name (RFC 5280, 4.2.1.6)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0x80, max: 0x10ffff }), (point) => {
        fc.pre(point < 0xd800 || point > 0xdfff);
        const character = String.fromCodePoint(point);
        for (const name of [character, `a${character}b.com`, `a.${character}`, `*.${character}a.com`]) {
          expect(isAlternativeName(name)).toBe(false);
        }
      }),
    );
  });

  const label63 = 'a'.repeat(63);
  test.each([
    ['10.0.0.1', true],
    ['::1', true],
    ['2001:DB8::1', true],
    ['::ffff:10.0.0.1', true],
    ['*', true],
    ['*.a.com', true],
    ['.a.com', true],
    ['localhost', true],
    [`${label63}.com`, true],
    [`${label63}a.com`, false],
    ['a'.repeat(64), false],
    ['-a.com', false],
    ['a-.com', false],
    ['_a.com', false],
    ['a.1com', false],
    ['a.com1', true],
    ['10.0.0.256', false],
    ['010.0.0.1', false],
    ['*a.com', false],
    ['a.*.com', false],
    ['https://a.com', false],
    ['a..com', false],
    ['a.com..', false],
    ['a.com\n', false],
    [`.${'a'.repeat(300)}`, true],
  ])('%s: %s', (name, taken) => {
    expect(isAlternativeName(name)).toBe(taken);
  });
});

describe('a name that no certificate can hold as it is, is refused', () => {
  test.each([
    'fe80::1%eth0',
    'bücher.example.com',
    'š.example.com',
    '例え.jp',
    'a\u3002com',
    '１９２.１６８.０.１',
    '\u009b.com',
  ])('%s', (name) => {
    expect(isAlternativeName(name)).toBe(false);
  });
});

describe('an address has one text', () => {
  test.each([
    ['2001:DB8:0:0:8:800:200C:417A', '2001:db8::8:800:200c:417a'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['1:0:0:0:0:0:0:0', '1::'],
    ['1:0:2:0:0:3:0:0', '1:0:2::3:0:0'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['::ffff:1.2.3.4', '::ffff:102:304'],
    ['10.0.0.1', '10.0.0.1'],
    ['A.Example.COM', 'A.Example.COM'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
  ])('%s is %s', (name, text) => {
    expect(normaliseAlternativeName(name)).toBe(text);
  });
});

describe('the extension', () => {
  test.each([
    [['full.example.com', '10.1.1.1'], '3018821066756c6c2e6578616d706c652e636f6d87040a010101'],
    [[], '3000'],
    [['bücher.example.com'], '3014821262fc636865722e6578616d706c652e636f6d'],
    [['::1'], '3012871000000000000000000000000000000001'],
  ])('%j has the bytes that CredHub writes', (names, hex) => {
    expect(hexOf(encodeAlternativeNames(names))).toBe(hex);
  });

  test('gives back what was put in, in order, addresses normalised', () => {
    const name = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6(), fc.constantFrom('*.a.com', '', 'é.com', 'A.com'));
    fc.assert(
      fc.property(fc.array(name), (names) => {
        const read = readAlternativeNames(encodeAlternativeNames(names));
        expect(read.names).toEqual(names.map(normaliseAlternativeName));
        expect(read.der).toBeUndefined();
        expect(read.names.filter(isAscii).every(isAlternativeName)).toBe(true);
      }),
    );
  });

  test('is kept whole when it says more than names and addresses', () => {
    // dNSName a, rfc822Name b@c; and an address written as a dNSName.
    for (const hex of ['30088201618103624063', '300a820831302e302e302e31']) {
      const content = Buffer.from(hex, 'hex');
      expect(hexOf(readAlternativeNames(content).der ?? content.subarray(0, 0))).toBe(hex);
    }
  });

  test('normalises every IPv6 literal to the same address', () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const normal = normaliseAlternativeName(text);
        expect(isIP(normal)).toBe(6);
        expect(new URL(`http://[${text}]`).hostname).toBe(new URL(`http://[${normal}]`).hostname);
        expect(normaliseAlternativeName(normal)).toBe(normal);
      }),
    );
  });
});
