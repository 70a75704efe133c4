import { field, isObject, type JsonObject, record, type Value } from './json-tree.ts';

/**
 * A credential of an answer with the fields that are shown, in the order that is shown
 * (docs/reference/credhub-cli.md#output). YAML leaves out empty metadata, JSON shows it as null; both give the duration
 * of a certificate only if the server overrode it.
 */
export function credentialForYaml(credential: Value): JsonObject {
  const metadata = field(credential, 'metadata');
  const kept = isObject(metadata) && metadata.entries.size > 0 ? metadata : undefined;
  return shown(credential, kept);
}

export function credentialForJson(credential: Value): JsonObject {
  return shown(credential, field(credential, 'metadata') ?? null);
}

function shown(credential: Value, metadata: Value | undefined): JsonObject {
  const overridden = field(credential, 'type') === 'certificate' && field(credential, 'duration_overridden') === true;
  return record({
    id: field(credential, 'id') ?? '',
    name: field(credential, 'name') ?? '',
    type: field(credential, 'type') ?? '',
    value: field(credential, 'value') ?? null,
    metadata,
    version_created_at: field(credential, 'version_created_at') ?? '',
    duration_overridden_to: overridden ? field(credential, 'duration_used') : undefined,
  });
}
