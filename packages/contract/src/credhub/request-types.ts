/**
 * Bodies of set and generate, one member for each credential type of core's table: a new type is documented by being
 * there. What they say is what a client should send; the server's own reading is more lenient about kinds
 * (docs/reference/credhub-server.md#json).
 */
import { CREDENTIAL_TYPES, type CredentialType, type Shape, type TypeName } from '@credplex/core';
import { z } from 'zod';
import { componentName, json, operations } from './schemas.ts';

const text = z.string();

const plain: Readonly<Record<Shape['type'], (shape: Shape) => z.ZodType>> = {
  any: () => json,
  boolean: () => z.boolean(),
  integer: ({ values, minimum, maximum }) =>
    values
      ? z.literal(values as number[])
      : z
          .int()
          .min(minimum ?? -2147483648)
          .max(maximum ?? 2147483647),
  object: ({ fields = {} }) => objectOf(fields),
  string: ({ values, minLength, maxLength }) =>
    values
      ? z.enum(values as string[])
      : z
          .string()
          .min(minLength ?? 0)
          .max(maxLength ?? Number.MAX_SAFE_INTEGER),
  strings: ({ values, maxItems }) =>
    z.array(values ? z.enum(values as string[]) : text).max(maxItems ?? Number.MAX_SAFE_INTEGER),
};

function zodOf(shape: Shape): z.ZodType {
  const bare = plain[shape.type](shape);
  const described = shape.description === undefined ? bare : bare.describe(shape.description);
  return shape.nullable ? described.nullable() : described;
}

function objectOf(fields: Readonly<Record<string, Shape>>): z.ZodType {
  const entries = Object.entries(fields).map(([name, shape]) => {
    const field = shape.default === undefined ? zodOf(shape) : zodOf(shape).meta({ default: shape.default });
    return [name, shape.required ? field : field.optional()] as const;
  });
  return z.strictObject(Object.fromEntries(entries));
}

const grants = z
  .array(z.strictObject({ actor: text, operations }).meta({ id: 'Grant' }))
  .nullish()
  .describe('Level 1 only');
const common = { name: text, metadata: json.optional(), additional_permissions: grants };

const setOf = (type: CredentialType) =>
  z
    .strictObject({
      type: z.literal(type.name),
      ...common,
      value: zodOf(type.value),
      mode: z.enum(['no-overwrite', 'overwrite']).nullish().describe('Level 1 only'),
      overwrite: z.boolean().nullish().describe('Level 1 only, deprecated'),
    })
    .meta({ id: componentName('Set', type.name, 'Request') });

const generateOf = ({ name, generation }: CredentialType) => {
  const shapes = Object.fromEntries(
    Object.entries(generation?.parameters ?? {}).map(([key, { shape }]) => [key, shape]),
  );
  const parameters = objectOf(shapes);
  const request = z.strictObject({
    type: z.literal(name),
    ...common,
    parameters: name === 'certificate' ? parameters : parameters.nullish(),
    mode: z.enum(['no-overwrite', 'overwrite', 'converge']).nullish(),
    overwrite: z.boolean().nullish().describe('Deprecated'),
    ...(generation?.readValue && {
      value: z.strictObject({ username: text.nullish() }).optional().describe('Deprecated: the user name'),
    }),
  });
  return request.meta({ id: componentName('Generate', name, 'Request') });
};

/** The deprecated form of `POST /api/v1/regenerate`. */
const regenerate = z
  .strictObject({
    name: text,
    regenerate: z.literal(true),
    metadata: json.optional(),
    type: text.optional().describe('Ignored'),
  })
  .meta({ id: 'RegenerateByDataRequest', description: 'Deprecated: the old form of `POST /api/v1/regenerate`' });

const types: readonly CredentialType[] = CREDENTIAL_TYPES;
type Some<T> = [T, ...T[]];

export interface SetBody {
  name: string;
  type: TypeName;
  value: unknown;
  metadata?: unknown;
  mode?: 'no-overwrite' | 'overwrite' | null;
  overwrite?: boolean | null;
  additional_permissions?: z.infer<typeof grants>;
}

export interface GenerateBody {
  name: string;
  type?: string;
  parameters?: Readonly<Record<string, unknown>> | null;
  mode?: 'no-overwrite' | 'overwrite' | 'converge' | null;
  overwrite?: boolean | null;
  regenerate?: true;
  value?: { username?: string | null };
  metadata?: unknown;
  additional_permissions?: z.infer<typeof grants>;
}

// Mapped unions lose their members' types: what a caller of the client may send is said once more, above.
export const setBody = z.discriminatedUnion('type', types.map(setOf) as Some<ReturnType<typeof setOf>>) as z.ZodType<
  SetBody,
  SetBody
>;
export const generateBody = z.union([
  z.discriminatedUnion(
    'type',
    types.filter(({ generation }) => generation !== undefined).map(generateOf) as Some<ReturnType<typeof generateOf>>,
  ),
  regenerate,
]) as z.ZodType<GenerateBody, GenerateBody>;
