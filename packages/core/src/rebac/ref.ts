/** Parses and formats the text form of objects and subjects: `type:id` and `type:id#relation`. */
import { isUuid } from '../identifiers/uuid.ts';
import type { ObjectRef, RelationTuple, SubjectRef } from '../ports/plexsphere.ts';

const TYPE = /^[a-z][a-z0-9_]{0,63}$/;
const RELATION = /^[a-z][a-z0-9_]{0,63}$/;
/** Printable ASCII without blanks, `#`, `:` and `@`, which separate the parts of a tuple's text. */
const ID = /^[!-~]{1,256}$/;
const SEPARATOR = /[#:@]/;

/** Aliases of types that clients use (docs/reference/plexsphere-v1.md#relations). */
const ALIASES: Readonly<Record<string, string>> = {
  service: 'serviceaccount',
  'service-identity': 'serviceaccount',
  cloud_credential: 'cloudcredential',
};

/** Parses `type:id`; undefined if malformed. A UUID is converted to lower case; other ids keep their case. */
export function parseObject(text: string): ObjectRef | undefined {
  const colon = text.indexOf(':');
  if (colon < 0) return undefined;
  const written = text.slice(0, colon);
  const type = Object.hasOwn(ALIASES, written) ? ALIASES[written] : written;
  const id = text.slice(colon + 1);
  if (type === undefined || !TYPE.test(type) || !ID.test(id) || SEPARATOR.test(id)) return undefined;
  return { type, id: isUuid(id) ? id.toLowerCase() : id };
}

/** Parses `type:id` or `type:id#relation`; undefined if malformed. */
export function parseSubject(text: string): SubjectRef | undefined {
  const hash = text.indexOf('#');
  if (hash < 0) return parseObject(text);
  const object = parseObject(text.slice(0, hash));
  const relation = text.slice(hash + 1);
  return object === undefined || !RELATION.test(relation) ? undefined : { ...object, relation };
}

export function formatObject(object: ObjectRef): string {
  return `${object.type}:${object.id}`;
}

export function formatSubject(subject: SubjectRef): string {
  return subject.relation === undefined ? formatObject(subject) : `${formatObject(subject)}#${subject.relation}`;
}

/** Formats `resource#relation@subject`. */
export function formatTuple(tuple: RelationTuple): string {
  return `${formatObject(tuple.resource)}#${tuple.relation}@${formatSubject(tuple.subject)}`;
}

/** Parses the result of {@link formatTuple}; undefined if malformed. */
export function parseTuple(text: string): RelationTuple | undefined {
  const at = text.indexOf('@');
  const userset = at < 0 ? undefined : parseSubject(text.slice(0, at));
  const subject = at < 0 ? undefined : parseSubject(text.slice(at + 1));
  if (userset?.relation === undefined || subject === undefined) return undefined;
  return { resource: { type: userset.type, id: userset.id }, relation: userset.relation, subject };
}

/** The platform, a singleton. */
export const PLATFORM: ObjectRef = { type: 'platform', id: 'plexsphere' };
