/**
 * Query parameters: the texts of a request become values of their real types here, once, by the schema of the route.
 * A schema is a codec from the list of texts that a parameter was given with (it may be repeated) to its value, so that
 * the rule for repetition belongs to the parameter, and OpenAPI shows the type of the value.
 */
import * as z from 'zod';

/** The texts of each parameter in the order of the request. */
export type GivenQuery = Readonly<Record<string, readonly string[]>>;

/** One of several sets of parameters that a route reads; the parameters of the other sets are ignored. */
export interface QueryVariant {
  /** Whether the request asks for this variant. Absent: always. */
  readonly when?: (given: GivenQuery) => boolean;
  /** Of these at most one may be given; the first is named otherwise. */
  readonly exclusive?: readonly string[];
  readonly schema: z.ZodObject;
}

/** The first variant that is asked for is read. */
export interface QueryVariants {
  readonly variants: Readonly<Record<string, QueryVariant>>;
}

export type QuerySpec = z.ZodObject | QueryVariants;

/** The values of a query; those of variants say in `variant` which one was read. */
export type QueryValues<Q extends QuerySpec> = Q extends z.ZodObject
  ? z.output<Q>
  : Q extends QueryVariants
    ? {
        [V in keyof Q['variants']]: { readonly variant: V } & z.output<Q['variants'][V]['schema']>;
      }[keyof Q['variants']]
    : never;

/** What a client may send: values by name. */
export type QueryInput<Q extends QuerySpec> = Q extends z.ZodObject
  ? z.output<Q>
  : Q extends QueryVariants
    ? z.output<Q['variants'][keyof Q['variants']]['schema']>
    : never;

export type ReadQuery =
  | { readonly success: true; readonly data: unknown }
  | { readonly success: false; readonly issues: readonly z.core.$ZodIssue[] };

/** Reads the query of a request by the schema of its route. */
export function readQuery(spec: QuerySpec, given: GivenQuery): ReadQuery {
  if (!('variants' in spec)) return parse(spec, given);
  for (const [variant, { when, exclusive = [], schema }] of Object.entries(spec.variants)) {
    if (when !== undefined && !when(given)) continue;
    const [first] = exclusive;
    if (first !== undefined && exclusive.every((name) => given[name] !== undefined)) {
      return { success: false, issues: [{ code: 'custom', path: [first], message: 'excludes another', input: given }] };
    }
    const read = parse(schema, given);
    return read.success ? { success: true, data: { variant, ...(read.data as object) } } : read;
  }
  return { success: true, data: {} };
}

function parse(schema: z.ZodObject, given: GivenQuery): ReadQuery {
  const parsed = schema.safeParse(given);
  return parsed.success ? parsed : { success: false, issues: parsed.error.issues };
}

/** Returns every parameter that a query may have, with the schema of its value. */
export function queryShape(spec: QuerySpec): z.ZodObject {
  if (!('variants' in spec)) return spec;
  const fields = Object.values(spec.variants).flatMap(({ schema }) => Object.entries(schema.shape));
  return z.object(Object.fromEntries(fields.map(([name, field]) => [name, z.optional(field)])));
}

/** The texts that one parameter was given with. */
export const givenTexts = z.array(z.string());
