import { accessOf, type Caller } from '../caller.ts';
import { CredError } from '../errors.ts';
import { checkName, checkNameLength } from '../identifiers/name.ts';
import { objectOf, readFields } from '../json/read.ts';
import { isJsonList, type JsonNode, JsonObject } from '../json/tree.ts';
import type { CredentialType } from '../types/credential-type.ts';
import { findType } from '../types/index.ts';
import { setFields } from './body-fields.ts';
import { checkMetadata, checkModes, effectiveMode, grantsOf, metadataText } from './request.ts';
import type { CredentialView } from './service.ts';
import { toolsOf } from './tools.ts';
import { type UpsertDeps, upsert } from './upsert.ts';

/** PUT /api/v1/data (docs/reference/credhub-server.md#set). */
export async function setCredential(deps: UpsertDeps, caller: Caller, body: JsonNode): Promise<CredentialView> {
  const type = typeOf(body);
  const { level } = deps;
  const read = readFields(objectOf(body), {
    ...setFields(type, level),
    value: { read: (node: JsonNode) => (node === null ? undefined : type.set(node, toolsOf(deps))) },
  });
  const mode = level.setModes ? effectiveMode(checkModes(read, level), level.setModes.byDefault) : 'overwrite';
  // CredHub's order: value and name, then their sizes (recorded: several-faults).
  if (read.value === undefined) throw new CredError('missing_value');
  const plan = read.value();
  const name = checkName(read.name);
  checkNameLength(name, level);
  const metadata = metadataText(read.metadata);
  checkMetadata(metadata);
  const grants = grantsOf(read.additional_permissions, name, accessOf(deps, caller).actor ?? undefined);
  return upsert(deps, caller, { name, type: type.name, mode, metadata, grants, action: 'SET', plan });
}

/**
 * Returns the type of a request. It is checked before all other fields, because their rules depend on it, and even for
 * a body that is a text, number or boolean.
 */
function typeOf(body: JsonNode): CredentialType {
  if (body === null || isJsonList(body)) throw new CredError('bad_request');
  const given = body instanceof JsonObject ? body.entries.get('type') : undefined;
  // The type may come after the syntax error.
  if (given === undefined && body instanceof JsonObject && body.broken === 'inside') throw new CredError('bad_request');
  const type = typeof given === 'string' ? findType(given) : undefined;
  if (type === undefined) throw new CredError('invalid_type_with_set_prompt');
  return type;
}
