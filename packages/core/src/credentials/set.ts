import { CredError } from '../errors.ts';
import { objectOf, readFields } from '../json/read.ts';
import { type JsonNode, JsonObject } from '../json/tree.ts';
import type { CredentialType } from '../types/credential-type.ts';
import { findType } from '../types/index.ts';
import { accessOf, toolsOf } from './context.ts';
import { readName } from './name.ts';
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

const common = { name: nameField, type: anyField, value: anyField, metadata: anyField };

/** PUT /api/v1/data (server-facts 1.2, 4.1). */
export async function setCredential(deps: UpsertDeps, caller: Caller, body: JsonNode): Promise<CredentialView> {
  const type = typeOf(body);
  const { level } = deps;
  const read = readFields(objectOf(body), {
    ...common,
    ...(level.setModes && { mode: modeField(level.setModes.allowed), overwrite: overwriteField }),
    ...(level.additionalPermissions && { additional_permissions: additionalPermissionsField }),
  } as typeof common & Partial<LevelOneFields>);
  const mode = level.setModes ? effectiveMode(checkModes(read, level), level.setModes.byDefault) : 'overwrite';
  if (read.value === undefined || read.value === null) throw new CredError('missing_value');
  const plan = type.set(read.value, toolsOf(deps));
  const name = readName(read.name, level);
  const metadata = metadataText(read.metadata);
  checkMetadata(metadata);
  const grants = grantsOf(read.additional_permissions, name, accessOf(deps, caller).actor ?? undefined);
  return upsert(deps, caller, { name, type: type.name, mode, metadata, grants, action: 'SET', plan });
}

interface LevelOneFields {
  mode: ReturnType<typeof modeField>;
  overwrite: typeof overwriteField;
  additional_permissions: typeof additionalPermissionsField;
}

/** The type decides about everything else, so it is looked at first; also for a body that is a mere text. */
function typeOf(body: JsonNode): CredentialType {
  const given = body instanceof JsonObject ? body.entries.get('type') : body;
  if (!(body instanceof JsonObject) && typeof body !== 'string') throw new CredError('bad_request');
  const type = typeof given === 'string' && body instanceof JsonObject ? findType(given) : undefined;
  if (type === undefined) throw new CredError('invalid_type_with_set_prompt');
  return type;
}
