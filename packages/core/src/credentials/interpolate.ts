import { accessOf, auditOf, type Caller } from '../caller.ts';
import { CredError } from '../errors.ts';
import { canExist } from '../identifiers/name.ts';
import { objectOf } from '../json/read.ts';
import { jsonText } from '../json/text.ts';
import { isJsonList, type JsonList, type JsonNode, JsonObject } from '../json/tree.ts';
import type { VersionRow } from '../ports/records.ts';
import { type Secret, secret } from '../secret.ts';
import { mapBounded } from './map-bounded.ts';
import { openValue, VAULT_WIDTH } from './open.ts';
import type { AffectedVersion, CredentialDeps, InterpolateOptions } from './service.ts';

/**
 * POST /api/v1/interpolate: reads the referenced names in batches and splices their values into the body as text.
 * @throws CredError `exceeds_maximum_size` for a response above `maxBytes`; a value counts once per reference
 */
export async function interpolate(
  deps: CredentialDeps,
  caller: Caller,
  body: JsonNode,
  options: InterpolateOptions = {},
): Promise<{ json: Secret; read: readonly AffectedVersion[] }> {
  const services = objectOf(body);
  const counts = countReferences(services);
  const names = [...counts.keys()];
  const rows = await readReferences(deps, caller, names);
  const size = createSizeLimit(options.maxBytes ?? Number.MAX_SAFE_INTEGER);
  const referenceCounts = [...counts.values()];
  for (const [i, row] of rows.entries()) size.expect(sealedSize(row) * (referenceCounts[i] ?? 1));
  if (size.expected > LARGE_BYTES) await options.reserve?.(size.expected);
  // Two spellings of a name have the same row.
  const opened = new Map<string, Promise<Secret>>();
  const values = await mapBounded(rows, VAULT_WIDTH, async (row, i) => {
    const opening = opened.get(row.id) ?? openValue(deps.vault, row);
    opened.set(row.id, opening);
    const value = await opening;
    size.add(value.byteLength * (referenceCounts[i] ?? 1));
    return value;
  });
  for (const [i, name] of names.entries()) {
    const event = { action: 'INTERPOLATE', resource: name, versionId: rows[i]?.id ?? null };
    await deps.readAudit.append(auditOf(deps, caller, event));
  }
  const parts = buildParts(services, new Map(names.map((name, i) => [name, values[i] ?? NULL])));
  for (const part of parts) if (typeof part === 'string') size.add(Buffer.byteLength(part));
  const read = rows.map(({ name, credentialId, id }) => ({ name, credentialId, versionId: id }));
  return { json: await concatenate(parts, size.found), read };
}

const NULL = secret('null');
/** Larger responses are built as bytes, in slices that yield to the event loop. */
const LARGE_BYTES = 256 * 1024;
/** An upper bound for nonce, tag and header of a sealed value. */
const SEALING_BYTES = 256;

/** Returns a lower bound for the size of a value, derived from the size of its sealed bytes. */
function sealedSize({ sealed }: VersionRow): number {
  return Math.max(0, (sealed.deferredBytes ?? sealed.bytes.length) - SEALING_BYTES);
}

/** Tracks the expected size of a response, derived from its rows, and its actual size. */
function createSizeLimit(maxBytes: number) {
  const check = (bytes: number): void => {
    if (bytes > maxBytes) throw new CredError('exceeds_maximum_size');
  };
  return {
    expected: 0,
    found: 0,
    expect(bytes: number) {
      this.expected += bytes;
      check(this.expected);
    },
    add(bytes: number) {
      this.found += bytes;
      check(this.found);
    },
  };
}

type Part = string | Secret;

async function concatenate(parts: readonly Part[], size: number): Promise<Secret> {
  if (size <= LARGE_BYTES) {
    return secret(parts.map((part) => (typeof part === 'string' ? part : part.reveal())).join(''));
  }
  const encoder = new TextEncoder();
  const values = new Map<Part, Uint8Array>();
  const bytesOf = (part: Part): Uint8Array => {
    if (typeof part === 'string') return encoder.encode(part);
    const bytes = values.get(part) ?? part.revealBytes();
    values.set(part, bytes);
    return bytes;
  };
  const whole = new Uint8Array(size);
  let at = 0;
  let sinceBreak = 0;
  for (const part of parts) {
    const bytes = bytesOf(part);
    whole.set(bytes, at);
    at += bytes.length;
    sinceBreak += bytes.length;
    if (sinceBreak < LARGE_BYTES) continue;
    sinceBreak = 0;
    await new Promise(setImmediate);
  }
  return secret(whole);
}

/** Few enough for one statement to meet its deadline, whatever the depth of the names. */
const NAMES_PER_BATCH = 100;

/**
 * Returns rows in the order of `names`. The first name that is missing, unreadable or not of type json fails the
 * request.
 */
async function readReferences(deps: CredentialDeps, caller: Caller, names: readonly string[]): Promise<VersionRow[]> {
  const rows: VersionRow[] = [];
  for (let from = 0; from < names.length; from += NAMES_PER_BATCH) {
    const batch = names.slice(from, from + NAMES_PER_BATCH);
    const found = await deps.records.readMany({ access: accessOf(deps, caller), names: batch.filter(canExist) });
    for (const name of batch) {
      const row = found.get(name);
      if (row === undefined) throw new CredError('credential_not_found');
      if (row.type !== 'json') throw new CredError('interpolation_invalid_type', { name });
      rows.push(row);
    }
  }
  return rows;
}

/** Returns the number of references to each name. */
function countReferences(services: JsonObject): Map<string, number> {
  const counts = new Map<string, number>();
  for (const service of services.entries.values()) {
    if (!isJsonList(service)) continue;
    for (const element of service) {
      const name = referenceOf(element);
      if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return counts;
}

/** Returns the referenced name. `credhub_ref` wins over `credhub-ref`; `((` and `))` are removed independently. */
function referenceOf(element: JsonNode): string | undefined {
  const credentials = element instanceof JsonObject ? element.entries.get('credentials') : undefined;
  if (!(credentials instanceof JsonObject)) return undefined;
  const keys = ['credhub_ref', 'credhub-ref'];
  const reference = keys.map((key) => credentials.entries.get(key)).find((node) => typeof node === 'string');
  if (typeof reference !== 'string') return undefined;
  const from = reference.startsWith('((') ? 2 : 0;
  return reference.slice(from, reference.endsWith('))') ? -2 : undefined);
}

/** Returns the response in parts: text of the request, and values in place of their references. */
function buildParts(services: JsonObject, values: ReadonlyMap<string, Secret>): Part[] {
  const parts: Part[] = [];
  let separator = '{';
  for (const [key, service] of services.entries) {
    parts.push(`${separator}${JSON.stringify(key)}:`);
    separator = ',';
    if (isJsonList(service)) appendListParts(service, values, parts);
    else parts.push(jsonText(service));
  }
  parts.push(separator === '{' ? '{}' : '}');
  return parts;
}

function appendListParts(items: JsonList, values: ReadonlyMap<string, Secret>, parts: Part[]): void {
  let separator = '[';
  for (const element of items) {
    parts.push(separator);
    separator = ',';
    appendElementParts(element, values, parts);
  }
  parts.push(separator === '[' ? '[]' : ']');
}

function appendElementParts(element: JsonNode, values: ReadonlyMap<string, Secret>, parts: Part[]): void {
  const name = referenceOf(element);
  if (name === undefined || !(element instanceof JsonObject)) {
    parts.push(jsonText(element));
    return;
  }
  let separator = '{';
  for (const [key, node] of element.entries) {
    parts.push(
      `${separator}${JSON.stringify(key)}:`,
      key === 'credentials' ? (values.get(name) ?? NULL) : jsonText(node),
    );
    separator = ',';
  }
  parts.push('}');
}
