import { CredError } from '../errors.ts';
import { booleanOf, objectOf, readFields } from '../json/read.ts';
import type { JsonNode, JsonObject } from '../json/tree.ts';
import { findType } from '../types/index.ts';
import { accessOf, toolsOf } from './context.ts';
import { readName } from './name.ts';
import { regenerateByData } from './regenerate.ts';
import {
  additionalPermissionsField,
  anyField,
  checkMetadata,
  checkModes,
  effectiveMode,
  grantsOf,
  metadataText,
  modeField,
  nameField,
  overwriteField,
} from './request.ts';
import type { Caller, CredentialView } from './service.ts';
import { type UpsertDeps, upsert } from './upsert.ts';

const MODES = ['no-overwrite', 'overwrite', 'converge'];

const common = {
  name: nameField,
  type: anyField,
  parameters: anyField,
  mode: modeField(MODES),
  overwrite: overwriteField,
  metadata: anyField,
};
const oldValue = { value: anyField };
const additional = { additional_permissions: additionalPermissionsField };

/** POST /api/v1/data (server-facts 1.2, 4.2), with its deprecated regenerate. */
export async function generateCredential(deps: UpsertDeps, caller: Caller, body: JsonNode): Promise<CredentialView> {
  const object = objectOf(body);
  if (isRegenerate(object)) return regenerateByData(deps, caller, object);
  const given = object.entries.get('type');
  const type = typeof given === 'string' ? findType(given) : undefined;
  const generation = type?.generation;
  const { level } = deps;
  const read = readFields(object, {
    ...common,
    ...(generation?.takesValue && oldValue),
    ...(level.additionalPermissions && additional),
  } as typeof common & Partial<typeof oldValue & typeof additional>);
  if (!type || !generation) {
    // A type that is none, or that nobody can generate: the name is looked at before it (recorded: generate-common).
    readName(read.name, level);
    throw new CredError(type ? 'cannot_generate_type' : 'invalid_type_with_generate_prompt');
  }
  const checkRules = generation.bind({ parameters: read.parameters, value: read.value }, toolsOf(deps));
  const mode = effectiveMode(checkModes(read, level), level.defaultGenerateMode);
  const name = readName(read.name, level);
  const metadata = metadataText(read.metadata);
  checkMetadata(metadata);
  const plan = checkRules();
  const grants = grantsOf(read.additional_permissions, name, accessOf(deps, caller).actor ?? undefined);
  return upsert(deps, caller, { name, type: type.name, mode, metadata, grants, action: 'GENERATE', plan });
}

/** true, "true" or 1. false and null leave an ordinary generate request with an unknown key. */
function isRegenerate(body: JsonObject): boolean {
  const flag = body.entries.get('regenerate');
  return flag !== undefined && flag !== null && booleanOf(flag);
}
