/**
 * Fields that set and generate requests share, as they are bound: in the order of the document, the first fault wins.
 */
import { CredError } from '../errors.ts';
import { strictForm } from '../json/leniencies.ts';
import { wordOf } from '../json/read.ts';
import { jsonText } from '../json/text.ts';
import type { JsonNode } from '../json/tree.ts';
import type { Level } from '../level.ts';
import { MAX_ENTRIES, NO_OPERATION, OPERATIONS_SHAPE, readOperations } from '../permissions/operations.ts';
import type { Grant } from '../ports/permissions.ts';
import { any, nullableFlag, objects, requiredText } from '../types/fields.ts';

/** The length of CredHub's column (docs/reference/credhub-server.md#metadata). */
const METADATA_LIMIT = 7000;

/** Returns metadata as the text that is stored and returned; null if there is none. */
export function metadataText(node: JsonNode | undefined): string | null {
  return node === undefined || node === null ? null : jsonText(node);
}

/** Returns whether metadata exceeds CredHub's limit. */
/** Returns whether metadata exceeds CredHub's limit. */
export function isMetadataTooLong(metadata: string | null): boolean {
  return (metadata?.length ?? 0) > METADATA_LIMIT;
}

/** Checks the length of metadata. @throws CredError `metadata_has_too_many_characters` */
/** Checks the length of metadata. @throws CredError `metadata_has_too_many_characters` */
export function checkMetadata(metadata: string | null): void {
  if (isMetadataTooLong(metadata)) throw new CredError('metadata_has_too_many_characters');
}

export type Mode = 'no-overwrite' | 'overwrite' | 'converge';

export const MODES: readonly Mode[] = ['no-overwrite', 'overwrite', 'converge'];
const MODE_LENIENCIES = ['placeAsMode', 'blanksAroundWord'] as const;

/** Returns the field `mode` with its allowed values. */
/** Returns the field `mode` with its allowed values. */
export function modeField(allowed: readonly Mode[]) {
  return {
    read: (node: JsonNode): Mode | null => {
      if (node === null) return null;
      const mode = wordOf(strictForm(node, MODE_LENIENCIES), allowed);
      if (mode === undefined) throw new CredError('bad_request');
      return mode;
    },
    shape: { type: 'string', leniencies: MODE_LENIENCIES, values: allowed, nullable: true } as const,
  };
}

export const overwriteField = nullableFlag({ description: 'Deprecated: use mode' });
export const nameField = requiredText('missing_name');
/** Accepts any JSON without checking it. */
export const anyField = any();

const additionalFields = {
  actor: requiredText('missing_actor', { maxLength: 255, refusals: { size: 'bad_request' } }),
  operations: {
    read: readOperations,
    shape: {
      ...OPERATIONS_SHAPE,
      required: true,
      minItems: 1,
      refusals: { ...NO_OPERATION, missing: 'missing_operations', empty: 'missing_operations' },
    } as const,
  },
};

/** `additional_permissions` of level 1 (docs/reference/credhub-server.md#levels). Null grants nothing. */
export const additionalPermissionsField = objects(additionalFields, { maxItems: MAX_ENTRIES, nullable: true });

/**
 * Returns the grants of `additional_permissions`.
 * @param own the caller's actor, to which nothing may be granted; undefined with ACLs off
 * @throws CredError `missing_actor`, `invalid_update_operation`, `missing_operations`, `bad_request`
 */
export function grantsOf(
  additional: ReturnType<(typeof additionalPermissionsField)['read']> | undefined,
  name: string,
  own: string | undefined,
): Grant[] {
  return (additional ?? []).map(({ actor, operations }) => {
    if (!actor) throw new CredError('missing_actor');
    if (actor === own) throw new CredError('invalid_update_operation');
    if (!operations?.length) throw new CredError('missing_operations');
    if (actor.includes('\0') || actor.length > 255) throw new CredError('bad_request');
    return { path: name, actor, operations };
  });
}

/**
 * Refuses a request with both `mode` and `overwrite` (docs/reference/credhub-server.md#modes).
 * @throws CredError `overwrite_and_mode_both_provided`
 */
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

/** Returns the mode of a request, from `mode`, the deprecated `overwrite`, or the default. */
/** Returns the mode of a request, from `mode`, the deprecated `overwrite`, or the default. */
export function effectiveMode(
  { mode, overwrite }: { mode: Mode | undefined; overwrite: boolean | undefined },
  byDefault: Mode,
): Mode {
  if (mode !== undefined) return mode;
  if (overwrite === undefined) return byDefault;
  return overwrite ? 'overwrite' : 'no-overwrite';
}
