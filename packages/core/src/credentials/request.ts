/** Fields that set and generate requests share, as they are bound: in the order of the document, the first fault wins. */
import { CredError } from '../errors.ts';
import { itemsOf, nullableBooleanOf, objectOf, readFields, textOf, trimmed, wordOf } from '../json/read.ts';
import { jsonText } from '../json/text.ts';
import { JsonArray, type JsonNode, JsonNumber } from '../json/tree.ts';
import type { Level } from '../level.ts';
import { MAX_ENTRIES, readOperations } from '../permissions/operations.ts';
import type { Grant } from '../ports/permissions.ts';

/** The length of CredHub's column (docs/reference/credhub-server.md#metadata). */
const METADATA_LIMIT = 7000;

/** null: none. The text as it is stored and returned. */
export function metadataText(node: JsonNode | undefined): string | null {
  return node === undefined || node === null ? null : jsonText(node);
}

export function isMetadataTooLong(metadata: string | null): boolean {
  return (metadata?.length ?? 0) > METADATA_LIMIT;
}

export function checkMetadata(metadata: string | null): void {
  if (isMetadataTooLong(metadata)) throw new CredError('metadata_has_too_many_characters');
}

export type Mode = 'no-overwrite' | 'overwrite' | 'converge';

/** A number, or a text that is one, is a place in CredHub's own list (recorded: modes, "mode a number"). */
const BY_NUMBER: readonly Mode[] = ['overwrite', 'no-overwrite', 'converge'];

function placeOf(node: JsonNode): Mode | undefined {
  const text = node instanceof JsonNumber ? node.text : typeof node === 'string' ? trimmed(node) : '';
  return /^[0-2]$/.test(text) ? BY_NUMBER[Number(text)] : undefined;
}

export function modeField(allowed: readonly string[]) {
  return {
    read: (node: JsonNode): Mode | null => {
      if (node === null) return null;
      const mode = placeOf(node) ?? wordOf(node, BY_NUMBER);
      if (mode !== undefined && allowed.includes(mode)) return mode;
      throw new CredError('bad_request');
    },
  };
}

export const overwriteField = { read: nullableBooleanOf };
export const nameField = { read: textOf };
/** Held back until the type is known, or passed on as it is. */
export const anyField = { read: (node: JsonNode): JsonNode => node };

interface Additional {
  readonly actor: string | null;
  readonly operations: readonly Grant['operations'][number][];
}

const additionalFields = {
  actor: { read: textOf },
  operations: { read: readOperations },
};

/** `additional_permissions` of level 1 (docs/reference/credhub-server.md#levels). Null means none. */
export const additionalPermissionsField = {
  read: (node: JsonNode): Additional[] => {
    if (node === null) return [];
    if (!(node instanceof JsonArray)) throw new CredError('bad_request');
    return itemsOf(node, MAX_ENTRIES).map((item) => {
      const read = readFields(objectOf(item), additionalFields);
      return { actor: read.actor ?? null, operations: read.operations ?? [] };
    });
  },
};

/** @param own the caller's actor, which may not be granted anything; undefined with ACLs off */
export function grantsOf(
  additional: readonly Additional[] | undefined,
  name: string,
  own: string | undefined,
): Grant[] {
  return (additional ?? []).map(({ actor, operations }) => {
    if (!actor) throw new CredError('missing_actor');
    if (actor === own) throw new CredError('invalid_update_operation');
    if (operations.length === 0) throw new CredError('missing_operations');
    if (actor.includes('\0') || actor.length > 255) throw new CredError('bad_request');
    return { path: name, actor, operations };
  });
}

/** Refuses `mode` beside `overwrite` (docs/reference/credhub-server.md#modes). */
export function checkModes(
  read: { mode?: Mode | null; overwrite?: boolean | null },
  level: Level,
): { mode: Mode | undefined; overwrite: boolean | undefined } {
  const mode = read.mode ?? undefined;
  const overwrite = read.overwrite ?? undefined;
  const given = level.overwriteNullIsAbsent ? overwrite !== undefined : read.overwrite !== undefined;
  if (mode !== undefined && given) throw new CredError('overwrite_and_mode_both_provided');
  return { mode, overwrite };
}

export function effectiveMode(
  { mode, overwrite }: { mode: Mode | undefined; overwrite: boolean | undefined },
  byDefault: Mode,
): Mode {
  if (mode !== undefined) return mode;
  if (overwrite === undefined) return byDefault;
  return overwrite ? 'overwrite' : 'no-overwrite';
}
