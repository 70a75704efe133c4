/**
 * Schemas out of core's tables of fields. They take the strict form alone; the leniencies of the original are rules of
 * core's table, applied before (docs/reference/credhub-server.md#json). The message of an issue is the code of the error
 * that the server answers.
 */
import type { ErrorCode, Field, JsonNode, Refusals, Shape } from '@credplex/core';
import * as z from 'zod';

/** Any JSON value; kept as text by the server. */
export const json = z.unknown();

type Shapes = Readonly<Record<string, Shape>>;

/** A field's value as JSON has it. */
type Strict<F> = F extends { readonly read: (node: JsonNode) => infer T; readonly shape: infer S }
  ? JsonNode extends T
    ? unknown
    : S extends { readonly nullable: false }
      ? NonNullable<T>
      : T
  : never;
type RequiredNames<F> = {
  [K in keyof F]: F[K] extends { readonly shape: { readonly required: true } } ? K : never;
}[keyof F];
/** The body that a table of fields describes, in its strict form. */
export type BodyOf<F> = { -readonly [K in RequiredNames<F>]: Strict<F[K]> } & {
  -readonly [K in Exclude<keyof F, RequiredNames<F>>]?: Strict<F[K]>;
};

/** An issue of the kind: absent, null, or of another JSON type. */
function kindOf({ missing = 'bad_request', kind = 'bad_request', null: none = kind }: Refusals) {
  return ({ input }: { readonly input?: unknown }): ErrorCode =>
    input === undefined ? missing : input === null ? none : kind;
}

const MIN = -2147483648;
const MAX = 2147483647;
/** An integer has 32 bits: a larger one is of another kind, whatever the range of the field is. */
function isInteger(input: unknown): boolean {
  return Number.isInteger(input) && Number(input) >= MIN && Number(input) <= MAX;
}

/** A value among those of the table, else an issue of the kind or of the value. */
function oneOf(values: readonly (string | number | boolean)[], refusals: Refusals): z.ZodType {
  const kind = kindOf(refusals);
  const error = (issue: { readonly input?: unknown }): ErrorCode => {
    const { input } = issue;
    const isOfKind = typeof input === typeof values[0] && (typeof input !== 'number' || isInteger(input));
    return isOfKind ? (refusals.value ?? 'bad_request') : kind(issue);
  };
  return values.length > 1 && values.every((value) => typeof value === 'string')
    ? z.enum(values as string[], { error })
    : z.literal(values as (string | number | boolean)[], { error });
}

function emptyOf({ empty = 'bad_request' }: Refusals) {
  return { error: empty };
}

function sizeOf({ size = 'exceeds_maximum_size' }: Refusals) {
  return { error: size };
}

function listOf(item: z.ZodType, { refusals = {}, minItems, maxItems }: Shape): z.ZodType {
  let list = z.array(item, { error: kindOf(refusals) });
  if (minItems !== undefined) list = list.min(minItems, emptyOf(refusals));
  if (maxItems !== undefined) list = list.max(maxItems, sizeOf(refusals));
  return list;
}

function textOf({ refusals = {}, values, minLength, maxLength }: Shape): z.ZodType {
  if (values !== undefined) return oneOf(values, refusals);
  let text = z.string({ error: kindOf(refusals) });
  if (minLength !== undefined) text = text.min(minLength, emptyOf(refusals));
  if (maxLength !== undefined) text = text.max(maxLength, sizeOf(refusals));
  return text;
}

function integerOf({ refusals = {}, values, minimum = MIN, maximum = MAX }: Shape): z.ZodType {
  if (values !== undefined) return oneOf(values, refusals).meta({ type: 'integer' });
  const kind = kindOf(refusals);
  const error = (issue: { readonly input?: unknown }): ErrorCode =>
    isInteger(issue.input) ? (refusals.value ?? 'bad_request') : kind(issue);
  return z.int({ error: kind }).min(minimum, { error }).max(maximum, { error });
}

function anyOf({ required, nullable, refusals = {} }: Shape): z.ZodType {
  if (!required || nullable) return json;
  return json.refine((value) => value !== undefined && value !== null, {
    error: (issue) => kindOf(refusals)(issue as { readonly input?: unknown }),
  });
}

const BY_TYPE: Readonly<Record<Shape['type'], (shape: Shape) => z.ZodType>> = {
  any: anyOf,
  boolean: ({ refusals = {}, values }) =>
    values === undefined ? z.boolean({ error: kindOf(refusals) }) : oneOf(values, refusals),
  integer: integerOf,
  string: textOf,
  // An item has no kind of its own: whatever it is, the list is refused as one.
  strings: (shape) => listOf(textOf({ type: 'string', refusals: itemRefusals(shape), ...valuesOf(shape) }), shape),
  object: ({ fields = {}, refusals = {} }) => objectOf(fields, refusals),
  objects: (shape) => listOf(objectOf(shape.fields ?? {}, {}), shape),
};

function itemRefusals({ refusals: { kind, value } = {} }: Shape): Refusals {
  return {
    ...(kind === undefined ? {} : { kind, missing: kind, null: kind }),
    ...(value === undefined ? {} : { value }),
  };
}

function valuesOf({ values }: Shape): Pick<Shape, 'values'> {
  return values === undefined ? {} : { values };
}

/** The schema of one value, whether or not it may be left out. */
export function schemaOf(shape: Shape): z.ZodType {
  const bare = BY_TYPE[shape.type](shape);
  const described = shape.description === undefined ? bare : bare.describe(shape.description);
  return shape.nullable ? described.nullable() : described;
}

function objectOf(shapes: Shapes, refusals: Refusals): z.ZodObject {
  const entries = Object.entries(shapes).map(([name, shape]) => {
    const field = shape.default === undefined ? schemaOf(shape) : schemaOf(shape).meta({ default: shape.default });
    return [name, shape.required ? field : field.optional()] as const;
  });
  const kind = kindOf(refusals);
  return z.strictObject(Object.fromEntries(entries), {
    error: (issue) => (issue.code === 'unrecognized_keys' ? ('invalid_json_key' satisfies ErrorCode) : kind(issue)),
  });
}

/** The schema of a body, by its table of fields. */
export function bodySchema<const F extends object>(fields: F): z.ZodType<BodyOf<F>, BodyOf<F>> {
  const shapes = Object.fromEntries(
    Object.entries<Pick<Field<unknown>, 'shape'>>(fields as Readonly<Record<string, Field<unknown>>>).map(
      ([name, { shape }]) => [name, shape],
    ),
  );
  return objectOf(shapes, {}) as unknown as z.ZodType<BodyOf<F>, BodyOf<F>>;
}
