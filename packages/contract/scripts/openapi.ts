/**
 * Writes docs/reference/openapi/*.json from the route tables; `--check` only compares and exits with 1 when a committed
 * copy is stale.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as contract from '../src/index.ts';

const folder = fileURLToPath(new URL('../../../docs/reference/openapi/', import.meta.url));
const check = process.argv.includes('--check');
mkdirSync(folder, { recursive: true });

let stale = false;
for (const [name, document] of Object.entries(contract.documents())) {
  const path = `${folder}${name}.json`;
  const text = `${JSON.stringify(document, null, 2)}\n`;
  if (!check) {
    writeFileSync(path, text);
    continue;
  }
  let committed: string | undefined;
  try {
    committed = readFileSync(path, 'utf8');
  } catch {
    committed = undefined;
  }
  if (committed !== text) {
    stale = true;
    process.stdout.write(
      `docs/reference/openapi/${name}.json is stale: run node packages/contract/scripts/openapi.ts\n`,
    );
  }
}
process.exitCode = stale ? 1 : 0;
