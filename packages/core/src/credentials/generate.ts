import { accessOf, type Caller } from '../caller.ts';
import { CredError } from '../errors.ts';
import { checkName, checkNameLength } from '../identifiers/name.ts';
import { objectOf, readFields } from '../json/read.ts';
import type { JsonNode } from '../json/tree.ts';
import type { Level } from '../level.ts';
import type { CredentialType } from '../types/credential-type.ts';
import { findType } from '../types/index.ts';
import { generateFields } from './body-fields.ts';
import { isRegenerate, regenerateByData } from './regenerate.ts';
import { anyField, checkMetadata, checkModes, effectiveMode, grantsOf, metadataText } from './request.ts';
import type { CredentialView } from './service.ts';
import { toolsOf } from './tools.ts';
import { type UpsertDeps, upsert } from './upsert.ts';

/** POST /api/v1/data, including its deprecated form of regenerate (docs/reference/credhub-server.md#generate). */
export async function generateCredential(deps: UpsertDeps, caller: Caller, body: JsonNode): Promise<CredentialView> {
  const object = objectOf(body);
  if (isRegenerate(object)) return regenerateByData(deps, caller, object);
  const given = object.entries.get('type');
  const type = typeof given === 'string' ? findType(given) : undefined;
  const generation = type?.generation;
  const { level } = deps;
  const read = readFields(object, fieldsOf(type, level));
  // CredHub's order (recorded: several-faults): syntax of the name, type, modes, parameters, sizes, other parameters.
  const name = checkName(read.name);
  if (!type || !generation) throw new CredError(type ? 'cannot_generate_type' : 'invalid_type_with_generate_prompt');
  const mode = effectiveMode(checkModes(read, level), level.defaultGenerateMode);
  const checkRest = generation.check(read, toolsOf(deps));
  checkNameLength(name, level);
  const metadata = metadataText(read.metadata);
  checkMetadata(metadata);
  const plan = checkRest();
  const grants = grantsOf(read.additional_permissions, name, accessOf(deps, caller).actor ?? undefined);
  return upsert(deps, caller, { name, type: type.name, mode, metadata, grants, action: 'GENERATE', plan });
}

/** For a type that cannot be generated, `parameters` are not checked, because the type is refused afterwards. */
function fieldsOf(type: CredentialType | undefined, level: Level) {
  const { readParameters = anyField.read, readValue } = type?.generation ?? {};
  return {
    ...generateFields(type, level),
    parameters: { read: readParameters },
    ...(readValue && { value: { read: readValue } }),
  };
}
