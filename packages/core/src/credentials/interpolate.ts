import { CredError } from '../errors.ts';
import { objectOf } from '../json/read.ts';
import { jsonText } from '../json/text.ts';
import { JsonArray, type JsonNode, JsonObject } from '../json/tree.ts';
import type { VersionRow } from '../ports/records.ts';
import { type Secret, secret } from '../secret.ts';
import { accessOf, auditOf } from './context.ts';
import { mapBounded } from './map-bounded.ts';
import { canExist } from './name.ts';
import { openValue, VAULT_WIDTH } from './open.ts';
import type { Caller, CredentialDeps, Touched } from './service.ts';

/** POST /api/v1/interpolate (server-facts 1.2): one query for all names, values spliced in as text. */
export async function interpolate(
  deps: CredentialDeps,
  caller: Caller,
  body: JsonNode,
): Promise<{ json: Secret; read: readonly Touched[] }> {
  const services = objectOf(body);
  const names = referencedNames(services);
  const rows = await readReferences(deps, caller, names);
  const values = await mapBounded(rows, VAULT_WIDTH, async (row) => (await openValue(deps.vault, row)).reveal());
  for (const [i, name] of names.entries()) {
    const event = { action: 'INTERPOLATE', resource: name, versionId: rows[i]?.id ?? null };
    await deps.readAudit.append(auditOf(deps, caller, event));
  }
  const texts = new Map(names.map((name, i) => [name, values[i] ?? 'null']));
  const read = rows.map(({ name, credentialId, id }) => ({ name, credentialId, versionId: id }));
  return { json: secret(objectText(services, (node) => serviceText(node, texts))), read };
}

/** The rows in the order of the names. Any name that is missing, hidden or no json fails the whole. */
async function readReferences(deps: CredentialDeps, caller: Caller, names: readonly string[]): Promise<VersionRow[]> {
  if (names.length === 0) return [];
  if (!names.every(canExist)) throw new CredError('credential_not_found');
  const found = await deps.records.readMany({ access: accessOf(deps, caller), names });
  return names.map((name) => {
    const row = found.get(name);
    if (row === undefined) throw new CredError('credential_not_found');
    if (row.type !== 'json') throw new CredError('interpolation_invalid_type', { name });
    return row;
  });
}

function referencedNames(services: JsonObject): string[] {
  const names = new Set<string>();
  for (const service of services.entries.values()) {
    if (!(service instanceof JsonArray)) continue;
    for (const element of service.items) {
      const name = referenceOf(element);
      if (name !== undefined) names.add(name);
    }
  }
  return [...names];
}

/** `credhub_ref` wins over `credhub-ref`; `((` and `))` around the name are taken off, each by itself. */
function referenceOf(element: JsonNode): string | undefined {
  const credentials = element instanceof JsonObject ? element.entries.get('credentials') : undefined;
  if (!(credentials instanceof JsonObject)) return undefined;
  const keys = ['credhub_ref', 'credhub-ref'];
  const reference = keys.map((key) => credentials.entries.get(key)).find((node) => typeof node === 'string');
  if (typeof reference !== 'string') return undefined;
  const from = reference.startsWith('((') ? 2 : 0;
  return reference.slice(from, reference.endsWith('))') ? -2 : undefined);
}

function serviceText(service: JsonNode, values: ReadonlyMap<string, string>): string {
  if (!(service instanceof JsonArray)) return jsonText(service);
  return `[${service.items.map((element) => elementText(element, values)).join(',')}]`;
}

function elementText(element: JsonNode, values: ReadonlyMap<string, string>): string {
  const name = referenceOf(element);
  if (name === undefined || !(element instanceof JsonObject)) return jsonText(element);
  return objectText(element, (node, key) => (key === 'credentials' ? (values.get(name) ?? 'null') : jsonText(node)));
}

const objectText = (object: JsonObject, text: (node: JsonNode, key: string) => string): string =>
  `{${[...object.entries].map(([key, node]) => `${JSON.stringify(key)}:${text(node, key)}`).join(',')}}`;
