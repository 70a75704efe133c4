/** Shapes that several of CredHub's routes share (docs/reference/credhub-server.md#credential-object). */
import {
  CREDENTIAL_TYPES,
  type CredentialType,
  type KnownType,
  OPERATIONS,
  type Shape,
  type ShownValue,
} from '@credplex/core';
import { z } from 'zod';

/** Every error that is not an authentication failure. */
export const errorBody = z.strictObject({ error: z.string() });
/** Authentication failures have a description as well (docs/reference/credhub-server.md#token-errors). */
export const authErrorBody = z.strictObject({ error: z.string(), error_description: z.string().optional() });

/** `2026-11-22T05:06:29Z`: seconds, UTC. */
export const time = z.string().regex(/^\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
export const id = z.uuid();
const text = z.string();
/** Any JSON value; kept as text by the server. */
export const json = z.unknown();

/** The schema of a value in an answer: every field of an object is there. */
function shownAs({ type, nullable, fields = {} }: Shape): z.ZodType {
  if (type === 'any') return json;
  if (type === 'object') {
    return z.strictObject(Object.fromEntries(Object.entries(fields).map(([name, shape]) => [name, shownAs(shape)])));
  }
  const plain = { string: text, integer: z.int(), boolean: z.boolean(), strings: z.array(text) }[type];
  return nullable ? plain.nullable() : plain;
}

const base = { version_created_at: time, id, name: text, metadata: json };

export const certificateCredential = z.strictObject({
  type: z.literal('certificate'),
  ...base,
  value: z.strictObject({ ca: text.nullable(), certificate: text.nullable(), private_key: text.nullable() }),
  certificate_authority: z.boolean(),
  /** The three below only in answers of generate and regenerate. */
  duration_overridden: z.boolean().optional(),
  duration_used: z.int().optional(),
  expiry_date: time.nullable(),
  generated: z.boolean().optional(),
  key_length: z.int().optional(),
  self_signed: z.boolean(),
  transitional: z.boolean(),
});

const credentialOf = ({ name, shown }: CredentialType) =>
  z.strictObject({ type: z.literal(name), ...base, value: shownAs(shown) });

type Some<T> = [T, ...T[]];

interface Common {
  version_created_at: string;
  id: string;
  name: string;
  metadata?: unknown;
}
type PlainObject<T> = T extends { readonly name: infer Name; readonly shown: infer S }
  ? Common & { type: Name; value: ShownValue<S> }
  : never;
/** A credential object of an answer, by its type. */
export type CredentialObject =
  | z.infer<typeof certificateCredential>
  | PlainObject<Exclude<KnownType, { readonly name: 'certificate' }>>;

/** A credential object, as every route shows it: one member for each credential type of core's table. */
export const credential = z.discriminatedUnion(
  'type',
  CREDENTIAL_TYPES.map((type) => (type.name === 'certificate' ? certificateCredential : credentialOf(type))) as Some<
    ReturnType<typeof credentialOf>
  >,
) as z.ZodType<CredentialObject, CredentialObject>;

export const operations = z.array(z.enum(OPERATIONS));
export const permission = z.strictObject({ path: text, operations, actor: text, uuid: id });

/** What a route behind authentication may always answer besides its own statuses. */
export const refusals = {
  401: authErrorBody,
  403: errorBody,
  404: errorBody,
  413: errorBody,
  503: errorBody,
} as const;
