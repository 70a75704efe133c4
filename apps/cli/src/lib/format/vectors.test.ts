import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { credentialForJson, credentialForYaml } from './credential.ts';
import { printJson } from './json.ts';
import { record, type Value } from './json-tree.ts';
import { parseJson } from './parse-json.ts';
import { printYaml } from './yaml.ts';

interface Vector {
  readonly name: string;
  readonly in_json: string;
  readonly yaml: string;
  readonly json: string;
}

const golden = new URL('../../../test/golden/cli-output.json', import.meta.url);
const vectors: readonly Vector[] = JSON.parse(readFileSync(golden, 'utf8'));

const versions = [
  '{"id":"26a0a1cf-8150-4eb0-93fa-fbaab9b3719e","name":"/cap/value","type":"json","value":{"c":"<>&","a":[1,{"b":"x\\ny"}]},"version_created_at":"2026-11-22T04:54:18Z"}',
  '{"id":"26a0a1cf-8150-4eb0-93fa-fbaab9b3719e","name":"/cap/value","type":"value","value":"v","metadata":{"m":["n"]},"version_created_at":"2026-11-22T04:54:18Z"}',
].map((text) => parseJson(text));

function shown({ name, in_json }: Vector, view: (credential: Value) => Value): Value {
  if (name.startsWith('versions')) return record({ versions: versions.map(view) });
  const value = parseJson(in_json);
  return name.startsWith('credential ') ? view(value) : value;
}

describe('the printers give the bytes of the original for every recorded value', () => {
  test.each(vectors)('$name', (vector) => {
    expect(`${printYaml(shown(vector, credentialForYaml))}\n`).toBe(vector.yaml);
    expect(printJson(shown(vector, credentialForJson))).toBe(vector.json);
  });
});
