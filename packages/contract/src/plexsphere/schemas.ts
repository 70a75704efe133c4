/**
 * What Plexsphere's routes share. The message of a request schema is the problem code
 * (docs/reference/plexsphere-v1.md#problems); without one it is `invalid_body`. Response schemas are strict: a field
 * too many is a leak.
 */
import { isUuid, NIL_UUID, type PlexsphereErrorCode } from '@credplex/core';
import * as z from 'zod';
import { givenTexts } from '../query.ts';

/** A path UUID in lower case; malformed and all-zero ones are refused with `code`. */
export const idParam = (code: PlexsphereErrorCode) =>
  z
    .string()
    .refine((text) => isUuid(text) && text !== NIL_UUID, { error: code })
    .meta({ format: 'uuid' })
    .transform((text) => text.toLowerCase());

const isLimit = (text: string): boolean => /^(?:[1-9]\d?|1\d\d|200)$/.test(text);

/** Of a parameter that is given more than once the first counts. */
export const pageQuery = z.object({
  limit: z
    .codec(givenTexts, z.int().min(1).max(200), {
      decode: ([text = ''], { issues }) => {
        if (isLimit(text)) return Number(text);
        issues.push({ code: 'custom', message: 'invalid_limit' satisfies PlexsphereErrorCode, input: text });
        return z.NEVER;
      },
      encode: (limit) => [String(limit)],
    })
    .meta({ default: 50, description: 'Entries of a page' })
    .optional(),
  /** Empty is as absent: clients send the parameter with nothing for the first page. */
  cursor: z
    .codec(givenTexts, z.string().optional(), {
      decode: ([text]) => text || undefined,
      encode: (cursor) => (cursor === undefined ? [] : [cursor]),
    })
    .optional()
    .describe('`next_cursor` of the page before'),
});

/** Text that PostgreSQL and UTF-8 can hold: no U+0000, no lone surrogate. */
const isPlain = (text: string): boolean => text.isWellFormed() && !text.includes('\0');
export const plainText = z.string().refine(isPlain, { error: 'must be text without U+0000 and lone surrogates' });

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Any JSON object, kept as it is: no key is special, `__proto__` included. */
export const jsonObject = z
  .custom<Readonly<Record<string, unknown>>>(isMap)
  .meta({ type: 'object', additionalProperties: true });

/**
 * A flat map of texts. The key `payload` is refused: the secret has that key in the stored document
 * (docs/reference/plexsphere-v1.md#stored-document). U+0000 is data in a value, and no part of a name.
 */
export const keyValues = z
  .custom<Readonly<Record<string, string>>>(
    (value) =>
      isMap(value) &&
      !Object.hasOwn(value, 'payload') &&
      Object.entries(value).every(([key, text]) => isPlain(key) && typeof text === 'string' && text.isWellFormed()),
    { error: 'must be a flat map of texts, without the key payload' },
  )
  .meta({ type: 'object', additionalProperties: { type: 'string' } });

export const uuid = z.string().meta({ format: 'uuid' });
/** RFC 3339 in UTC, as `toISOString` writes it. */
export const time = z
  .string()
  .refine((text) => /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/.test(text))
  .meta({ format: 'date-time' });

/** RFC 9457. `correlation_id` is that of the response's `X-Correlation-Id`. */
const problemFields = {
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  instance: z.string(),
  code: z.string(),
  correlation_id: z.string(),
};
export const problem = z
  .strictObject(problemFields)
  .meta({ id: 'Problem', description: 'RFC 9457. `code` is for programs, `detail` for people' });

export const permissionDenied = z
  .strictObject({
    ...problemFields,
    reason: z.enum(['out_of_scope', 'insufficient_relation', 'caveat_violation']),
    relation_path: z.array(z.string()),
  })
  .meta({ id: 'PermissionDenied', description: 'A problem with the reason of the denial' });

/** Every `session` route may answer these. */
export const failures = { 401: problem, 500: problem, 503: problem } as const;

export const pageOf = <T extends z.ZodType>(item: T) =>
  z.strictObject({ items: z.array(item), next_cursor: z.string().optional() });
