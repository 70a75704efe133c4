import { expect, test } from 'vitest';
import { type CaHistory, type IsSignedBy, splitAuthorities } from './split-authorities.ts';

function pem(text: string): string {
  return `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`;
}

const [ONE, TWO, THREE] = [pem('one'), pem('two'), pem('three')];
/** The leaf's text names its signer; of a chain the first certificate counts. */
const isSignedBy: IsSignedBy = (certificate, ca) => ca.trimStart().startsWith(pem(certificate).trimEnd());

function named(versions: readonly string[], active: string | null = null, transitional: string | null = null) {
  return {
    hasVersion: async (text) => versions.some((version) => version.trim() === text.trim()),
    async *candidates() {
      yield* versions;
    },
    pair: async () => ({ active, transitional }),
  } satisfies CaHistory;
}

function split(
  ca: string,
  known: CaHistory = named([]),
  row: { certificate?: string | null; caName?: string | null } = {},
) {
  return splitAuthorities({ name: '/leaf', certificate: 'one', caName: '/ca', ca, ...row }, known, isSignedBy);
}

test('one CA that verifies stays byte for byte', async () => {
  const text = `${ONE.replaceAll('\n', '\r\n')}  `;
  const anyText: IsSignedBy = () => true;
  const row = { name: '/leaf', certificate: 'one', caName: '/ca', ca: text };
  expect(await splitAuthorities(row, named([]), anyText)).toEqual({ ca: text, trustedCa: null, verified: true });
});

test('of two CAs the one that verifies signed, in either order', async () => {
  expect(await split(ONE + TWO)).toEqual({ ca: ONE, trustedCa: TWO, verified: true });
  expect(await split(TWO + ONE)).toEqual({ ca: ONE, trustedCa: TWO, verified: true });
});

test('a CA whose own text is a chain stays whole, also beside another', async () => {
  expect(await split(ONE + TWO, named([ONE + TWO]))).toEqual({ ca: ONE + TWO, trustedCa: null, verified: true });
  expect(await split(THREE + ONE + TWO)).toEqual({ ca: ONE + TWO, trustedCa: THREE, verified: true });
});

test('where no CA of the text verifies, the versions of the named CA are asked', async () => {
  expect(await split(TWO, named([THREE, ONE], TWO))).toEqual({ ca: ONE, trustedCa: null, verified: true });
  expect(await split(TWO, named([ONE], TWO, THREE))).toEqual({ ca: ONE, trustedCa: TWO, verified: true });
  expect(await split(TWO, named([ONE], ONE, TWO))).toEqual({ ca: ONE, trustedCa: TWO, verified: true });
  expect(await split(TWO, named([ONE], null, ONE))).toEqual({ ca: ONE, trustedCa: null, verified: true });
});

test('what nothing verifies stays byte for byte', async () => {
  for (const text of [`${TWO}${THREE}`, 'no certificate', '', '-----BEGIN CERTIFICATE-----']) {
    expect(await split(text, named([THREE]))).toEqual({ ca: text, trustedCa: null, verified: false });
  }
});

test('a text that a client gave is not taken apart', async () => {
  for (const row of [{ caName: null }, { caName: '/LEAF' }, { certificate: null }]) {
    expect(await split(TWO + ONE, named([ONE]), row)).toEqual({ ca: TWO + ONE, trustedCa: null, verified: true });
  }
});
