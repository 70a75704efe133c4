/**
 * Permission entries in requests (docs/reference/credhub-server.md#permissions-v2-endpoints,
 * docs/reference/credhub-server.md#permissions-v1-endpoints).
 */

import { CredError } from '../errors.ts';
import { withSlash } from '../identifiers/name.ts';
import { itemsOf, objectOf, type Read, readFields, textOf } from '../json/read.ts';
import { JsonArray, type JsonNode } from '../json/tree.ts';
import type { Operation } from '../ports/permissions.ts';
import { MAX_ENTRIES, readOperations } from './operations.ts';

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

const text = { read: textOf };
function nullableOperations(node: JsonNode): Operation[] | null {
  return node === null ? null : readOperations(node);
}

const operations = { read: readOperations };

const fields = { path: text, actor: text, operations: { read: nullableOperations } };

/** The body of v2 POST and PUT. The original builds it at once: what is missing is named before a key that it does not know. */
export function readEntry(body: JsonNode): Entry {
  const read = readFields(objectOf(body), fields, { beforeUnknown: checkComplete });
  checkComplete(read);
  const path = readPath(read.path);
  if (read.actor === '') throw new CredError('missing_actor');
  if (read.operations.length === 0) throw new CredError('missing_operations');
  checkActor(read.actor);
  return { path, actor: read.actor, operations: read.operations };
}

function checkComplete(
  read: Read<typeof fields>,
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

/** The body of v2 PATCH: null or absent clears all. */
export function readPatch(body: JsonNode): readonly Operation[] {
  return readFields(objectOf(body), { operations: { read: nullableOperations } }).operations ?? [];
}

export interface V1Entry {
  /** undefined where the entry had none. */
  readonly actor: string | undefined;
  readonly operations: readonly Operation[];
}

const v1Fields = { actor: text, operations, path: { read: () => null } };

/** The body of v1 POST. The name is not validated: it may be a pattern. */
export function readV1(body: JsonNode): { name: string; entries: readonly V1Entry[] } {
  const permissions = { read: readEntries };
  const read = readFields(objectOf(body), { credential_name: text, permissions });
  if (!read.credential_name) throw new CredError('missing_name');
  if (!read.permissions?.length) throw new CredError('missing_aces');
  const name = withSlash(read.credential_name);
  if (name.length > LIMIT || name.includes('\0')) throw new CredError('bad_request');
  return { name, entries: read.permissions.map(checked) };
}

function readEntries(node: JsonNode): readonly ReturnType<typeof readV1Entry>[] | null {
  if (node === null) return null;
  if (!(node instanceof JsonArray)) throw new CredError('bad_request');
  return itemsOf(node, MAX_ENTRIES).map(readV1Entry);
}

function readV1Entry(item: JsonNode) {
  return readFields(objectOf(item), v1Fields);
}

function checked(entry: ReturnType<typeof readV1Entry>): V1Entry {
  // CredHub answers 500 without operations (docs/reference/divergences.md#permissions).
  if (entry.operations === undefined) throw new CredError('missing_operations');
  if (entry.actor) checkActor(entry.actor);
  return { actor: entry.actor || undefined, operations: entry.operations };
}
