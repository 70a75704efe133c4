/** Shapes that several of CredHub's routes share (docs/reference/credhub-server.md#credential-object). */
import {
  CREDENTIAL_TYPES,
  type CredentialType,
  type KnownType,
  OPERATIONS,
  type Shape,
  type ShownValue,
} from '@credplex/core';
import * as z from 'zod';
import { json } from './field-schemas.ts';

/** Every error that is not an authentication failure. */
export const errorBody = z
  .strictObject({ error: z.string() })
  .meta({ id: 'Error', description: 'Why the request was refused, as a sentence for people' });
/** Authentication failures have a description as well (docs/reference/credhub-server.md#token-errors). */
export const authErrorBody = z
  .strictObject({ error: z.string(), error_description: z.string().optional() })
  .meta({ id: 'AuthenticationError', description: 'RFC 6750, 3.1: a code, and a sentence for people' });

/** `2026-11-22T05:06:29Z`: seconds, UTC. */
export const time = z
  .string()
  .regex(/^\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  .meta({ description: 'In UTC, whole seconds' });
export const id = z.uuid();
const text = z.string();

/** The schema of a value in an answer: every field of an object is there. */
function shownAs({ type, nullable, fields = {} }: Shape): z.ZodType {
  if (type === 'any') return json;
  if (type === 'object' || type === 'objects') {
    return z.strictObject(Object.fromEntries(Object.entries(fields).map(([name, shape]) => [name, shownAs(shape)])));
  }
  const plain = { string: text, integer: z.int(), boolean: z.boolean(), strings: z.array(text) }[type];
  return nullable ? plain.nullable() : plain;
}

const base = { version_created_at: time, id, name: text, metadata: json };

/** The name of a component, such as `SetPasswordRequest`. */
export function componentName(before: string, type: string, after: string): string {
  return `${before}${type.charAt(0).toUpperCase()}${type.slice(1)}${after}`;
}

export const certificateCredential = z
  .strictObject({
    type: z.literal('certificate'),
    ...base,
    value: z
      .strictObject({ ca: text.nullable(), certificate: text.nullable(), private_key: text.nullable() })
      .describe('In PEM. While its CA rotates, `ca` holds two certificates'),
    certificate_authority: z.boolean(),
    duration_overridden: z.boolean().optional().describe('Only in answers of generate and regenerate'),
    duration_used: z.int().optional().describe('Days; only in answers of generate and regenerate'),
    expiry_date: time.nullable(),
    generated: z.boolean().optional().describe('Absent where nobody knows'),
    key_length: z.int().optional().describe('Only in answers of generate and regenerate'),
    self_signed: z.boolean(),
    transitional: z.boolean(),
  })
  .meta({ id: componentName('', 'certificate', 'Credential') });

function credentialOf({ name, shown }: CredentialType) {
  return z
    .strictObject({ type: z.literal(name), ...base, value: shownAs(shown) })
    .meta({ id: componentName('', name, 'Credential') });
}

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
export const credential = z
  .discriminatedUnion(
    'type',
    CREDENTIAL_TYPES.map((type) => (type.name === 'certificate' ? certificateCredential : credentialOf(type))) as Some<
      ReturnType<typeof credentialOf>
    >,
  )
  .meta({ id: 'Credential', description: 'One version of a credential' }) as unknown as z.ZodType<
  CredentialObject,
  CredentialObject
>;

const operation = z.enum(OPERATIONS).meta({ id: 'Operation', description: 'What an actor may do' });
export const operations = z.array(operation);
export const permission = z
  .strictObject({ path: text, operations, actor: text, uuid: id })
  .meta({ id: 'Permission', description: 'What one actor may do with one name, or below one folder' });

/** What a route behind authentication may always answer besides its own statuses. */
export const refusals = {
  401: authErrorBody,
  403: errorBody,
  404: errorBody,
  413: errorBody,
  503: errorBody,
} as const;
