/** Shapes that several of CredHub's routes share (docs/reference/credhub-server.md#credential-object). */
import { OPERATIONS } from '@credplex/core';
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

const base = { version_created_at: time, id, name: text, metadata: json };

const userValue = z.strictObject({ username: text.nullable(), password: text, password_hash: text });
const certificateValue = z.strictObject({
  ca: text.nullable(),
  certificate: text.nullable(),
  private_key: text.nullable(),
});
const rsaValue = z.strictObject({ public_key: text.nullable(), private_key: text.nullable() });
const sshValue = z.strictObject({
  public_key: text.nullable(),
  private_key: text.nullable(),
  public_key_fingerprint: text.nullable(),
});

export const certificateCredential = z.strictObject({
  type: z.literal('certificate'),
  ...base,
  value: certificateValue,
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

/** A credential object, as every route shows it. */
export const credential = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('value'), ...base, value: text }),
  z.strictObject({ type: z.literal('json'), ...base, value: json }),
  z.strictObject({ type: z.literal('password'), ...base, value: text }),
  z.strictObject({ type: z.literal('user'), ...base, value: userValue }),
  z.strictObject({ type: z.literal('ssh'), ...base, value: sshValue }),
  z.strictObject({ type: z.literal('rsa'), ...base, value: rsaValue }),
  certificateCredential,
]);

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
