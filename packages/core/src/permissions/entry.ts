/**
 * Permission entries in requests (docs/reference/credhub-server.md#permissions-v2-endpoints,
 * docs/reference/credhub-server.md#permissions-v1-endpoints).
 */

import { CredError } from '../errors.ts';
import { withSlash } from '../identifiers/name.ts';
import { objectOf, type Read, readFields } from '../json/read.ts';
import type { JsonNode } from '../json/tree.ts';
import type { Operation } from '../ports/permissions.ts';
import { ignored, objects, requiredText, text } from '../types/fields.ts';
import { MAX_ENTRIES, NO_OPERATION, OPERATIONS_SHAPE, readOperations } from './operations.ts';

/**
 * The length of CredHub's columns for path and actor; CredHub answers 500 beyond it
 * (docs/reference/divergences.md#permissions).
 */
const LIMIT = 255;
const PATH = /^[a-zA-Z0-9\-_/.:,()[\]+]*(?:\/\*)?$/;

export interface Entry {
  readonly path: string;
  readonly actor: string;
  readonly operations: readonly Operation[];
}

function nullableOperations(node: JsonNode): Operation[] | null {
  return node === null ? null : readOperations(node);
}

const REQUIRED_OPERATIONS = {
  ...OPERATIONS_SHAPE,
  required: true,
  minItems: 1,
  refusals: { ...NO_OPERATION, missing: 'invalid_operation', empty: 'missing_operations' },
} as const;

/** Body fields of v2 POST and PUT. */
export const entryFields = {
  path: text({
    required: true,
    nullable: false,
    minLength: 1,
    description: 'A name, or with `/*` at the end everything below a folder',
    refusals: { empty: 'missing_path' },
  }),
  actor: text({
    required: true,
    nullable: false,
    minLength: 1,
    maxLength: LIMIT,
    refusals: { empty: 'missing_actor', size: 'bad_request' },
  }),
  operations: { read: nullableOperations, shape: REQUIRED_OPERATIONS },
};

/** Body fields of v2 PATCH. */
export const patchFields = {
  operations: {
    read: nullableOperations,
    shape: { ...OPERATIONS_SHAPE, nullable: true, refusals: NO_OPERATION } as const,
  },
};

/**
 * Reads the body of v2 POST and PUT. As in CredHub, a missing field is reported before an unknown key.
 * @throws CredError
 */
export function readEntry(body: JsonNode): Entry {
  const read = readFields(objectOf(body), entryFields, { beforeUnknown: checkComplete });
  checkComplete(read);
  const path = readPath(read.path);
  if (read.actor === '') throw new CredError('missing_actor');
  if (read.operations.length === 0) throw new CredError('missing_operations');
  checkActor(read.actor);
  return { path, actor: read.actor, operations: read.operations };
}

function checkComplete(
  read: Read<typeof entryFields>,
): asserts read is { path: string; actor: string; operations: Operation[] } {
  if (typeof read.path !== 'string' || typeof read.actor !== 'string') throw new CredError('bad_request');
  if (!read.operations) throw new CredError('invalid_operation');
}

function readPath(given: string): string {
  if (given === '' || given === '/') throw new CredError('missing_path');
  const path = withSlash(given);
  if (path.endsWith('/') || path.includes('//')) throw new CredError('invalid_slash_in_path');
  if (!PATH.test(path)) throw new CredError('invalid_character_in_path');
  if (path.length > LIMIT) throw new CredError('bad_request');
  return path;
}

function checkActor(actor: string): void {
  if (actor.length > LIMIT || actor.includes('\0')) throw new CredError('bad_request');
}

/** Reads the body of v2 PATCH. Null or absent operations clear all. */
export function readPatch(body: JsonNode): readonly Operation[] {
  return readFields(objectOf(body), patchFields).operations ?? [];
}

export interface V1Entry {
  /** undefined if the entry has none. */
  readonly actor: string | undefined;
  readonly operations: readonly Operation[];
}

const v1EntryFields = {
  actor: requiredText('invalid_update_operation', { maxLength: LIMIT, refusals: { size: 'bad_request' } }),
  operations: {
    read: readOperations,
    shape: {
      ...OPERATIONS_SHAPE,
      required: true,
      refusals: { ...NO_OPERATION, missing: 'missing_operations' },
    } as const,
  },
  path: ignored,
};

/** Body fields of v1 POST. */
export const v1Fields = {
  credential_name: requiredText('missing_name'),
  permissions: objects(v1EntryFields, {
    required: true,
    minItems: 1,
    maxItems: MAX_ENTRIES,
    refusals: { missing: 'missing_aces', null: 'missing_aces', empty: 'missing_aces' },
  }),
};

/** Reads the body of v1 POST. The name is not validated, because it may be a pattern. @throws CredError */
export function readV1(body: JsonNode): { name: string; entries: readonly V1Entry[] } {
  const read = readFields(objectOf(body), v1Fields);
  if (!read.credential_name) throw new CredError('missing_name');
  if (!read.permissions?.length) throw new CredError('missing_aces');
  const name = withSlash(read.credential_name);
  if (name.length > LIMIT || name.includes('\0')) throw new CredError('bad_request');
  return { name, entries: read.permissions.map(checked) };
}

function checked(entry: Read<typeof v1EntryFields>): V1Entry {
  // CredHub answers 500 without operations (docs/reference/divergences.md#permissions).
  if (entry.operations === undefined) throw new CredError('missing_operations');
  if (entry.actor) checkActor(entry.actor);
  return { actor: entry.actor || undefined, operations: entry.operations };
}
