import { generateKeyPairSync, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compactJson } from '../format/json.ts';
import { record } from '../format/json-tree.ts';
import { parseJson } from '../format/parse-json.ts';
import { type ExportEntry, jsonForm, withSigner, yamlForm } from './export-file.ts';
import { parseImportJson, parseImportYaml } from './import-file.ts';

function exportYaml(entries: readonly ExportEntry[]): string {
  return yamlForm.whole(entries.map(yamlForm.item));
}

function exportJson(entries: readonly ExportEntry[]): string {
  return jsonForm.whole(entries.map(jsonForm.item));
}

function entry(value: string, metadata?: string): ExportEntry {
  return {
    name: '/exp/x',
    type: 'json',
    value: parseJson(value),
    metadata: metadata === undefined ? null : parseJson(metadata),
  };
}

test('the bytes of the original: name, type, value, and metadata if there is any', () => {
  expect(exportYaml([entry('{"n":12345678,"s":"x"}', '{"m":1}'), entry('"v"', '{}')])).toBe(`credentials:
    - name: /exp/x
      type: json
      value:
        "n": 1.2345678e+07
        s: x
      metadata:
        m: 1
    - name: /exp/x
      type: json
      value: v
`);
  expect(exportJson([entry('{"s":"<x>","n":12345678}', '{"m":1}')])).toBe(
    '{"Credentials":[{"Name":"/exp/x","Type":"json","Value":{"n":12345678,"s":"\\u003cx\\u003e"},"Metadata":{"m":1}}]}',
  );
});

test('nothing found is an empty list', () => {
  expect(exportYaml([])).toBe('credentials: []\n');
  expect(exportJson([])).toBe('{"Credentials":[]}');
});

test('the name of a signer replaces its certificate', () => {
  expect(compactJson(withSigner(parseJson('{"ca":"c","certificate":"d"}'), '/ca'))).toBe(
    '{"ca_name":"/ca","certificate":"d"}',
  );
});

describe('what is exported is imported as it was', () => {
  // A number is the same number in another spelling; compactJson gives both one spelling. YAML 1.1 has no -0.
  const canonical = (json: string): string => compactJson(parseJson(json)).replaceAll(/-0(?![.0-9])/g, '0');
  const json = fc.oneof(
    fc.json({ stringUnit: 'binary', maxDepth: 4 }),
    fc.json({
      stringUnit: fc.constantFrom(
        ' ',
        '\n',
        '\t',
        '\r',
        '\u2028',
        '\u0085',
        '#',
        ':',
        '-',
        'a',
        '\ufeff',
        '😀',
        '0',
        "'",
        '"',
      ),
    }),
    fc.bigInt().map((integer) => `{"n":[${integer}]}`),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((double) => `[${JSON.stringify(double)}]`),
  );

  test('any JSON value, through YAML and through JSON', () => {
    fc.assert(
      fc.property(json, (text) => {
        const written = entry(text, `{"m":${text}}`);
        for (const read of [parseImportYaml(exportYaml([written])), parseImportJson(exportJson([written]))]) {
          expect(read[0]?.problem).toBeUndefined();
          const { value, metadata } = read[0] ?? { value: null };
          expect(canonical(compactJson(value))).toBe(canonical(text));
          expect(canonical(compactJson(metadata ?? null))).toBe(canonical(`{"m":${text}}`));
        }
      }),
      { numRuns: 500 },
    );
  });

  test('any name and any text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: fc.constantFrom(' ', '\n', '\t', 'a', ':', '#', '|') }),
        (name, value) => {
          const written: ExportEntry = { name, type: 'password', value };
          const read = parseImportYaml(exportYaml([written]))[0];
          expect([read?.name, read?.value]).toEqual([name, value]);
        },
      ),
    );
  });

  test('PEM of keys', () => {
    const pems = [
      generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }),
      generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ type: 'spki', format: 'pem' }),
      `-----BEGIN CERTIFICATE-----\r\n${randomBytes(48).toString('base64')}\r\n-----END CERTIFICATE-----\r\n`,
      '\n-----BEGIN X-----\nAA==\n-----END X-----',
    ].map(String);
    for (const pem of pems) {
      const value = record({ ca: pem, certificate: pem.trim(), private_key: `${pem}${pem}` });
      const read = parseImportYaml(exportYaml([{ name: '/c', type: 'certificate', value }]))[0];
      expect(compactJson(read?.value ?? null)).toBe(compactJson(value));
    }
  });
});
