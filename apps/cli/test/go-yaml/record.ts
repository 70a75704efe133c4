// Asks go-yaml about every document of the table and writes test/golden/go-yaml.json. Needs Go, which no test does:
//   node apps/cli/test/go-yaml/record.ts

import { isUtf8 } from 'node:buffer';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DOCUMENTS } from './documents.ts';

const documents = Array.from(new Set(DOCUMENTS.map((document) => Buffer.from(document).toString('base64'))));
const folder = fileURLToPath(new URL('.', import.meta.url));
const input = documents.map((document) => `${JSON.stringify(document)}\n`).join('');
const output = execFileSync('go', ['run', '.'], { cwd: folder, input, maxBuffer: 1 << 30 }).toString();
const lines = output.trimEnd().split('\n');

const outcomes = documents.map((base64, index) => {
  const bytes = Buffer.from(base64, 'base64');
  const answers: Record<string, { value: unknown; error?: string }> = JSON.parse(lines[index] ?? '');
  const result = (name: string): unknown => {
    const { value, error } = answers[name] ?? { value: null };
    return error === undefined ? { value } : { error };
  };
  const document = isUtf8(bytes) ? { text: bytes.toString() } : { base64 };
  return { ...document, v2: result('v2'), v3: result('v3'), import: result('import') };
});
const file = new URL('../golden/go-yaml.json', import.meta.url);
writeFileSync(file, `[\n${outcomes.map((outcome) => JSON.stringify(outcome)).join(',\n')}\n]\n`);
