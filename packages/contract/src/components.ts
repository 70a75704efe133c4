/**
 * JSON Schema out of zod for one OpenAPI document. A schema with an id (`.meta({ id })`) becomes a shared component that
 * others refer to.
 */
import * as z from 'zod';

export type Json = Readonly<Record<string, unknown>>;

export interface Components {
  /** `input`: what a client may send. `output`: what it gets, and the value of a query parameter. */
  schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json;
  /** Those that were referred to so far, by name. */
  readonly schemas: Readonly<Record<string, Json>>;
}

interface JsonSchema {
  [key: string]: unknown;
  $defs?: Record<string, JsonSchema>;
}

/** @throws Error where two schemas have one id and differ, as the input and the output of one schema may */
export function createComponents(): Components {
  const schemas: Record<string, Json> = {};
  return {
    schemas,
    schemaOf(schema, io) {
      const converted = z.toJSONSchema(schema, { io, unrepresentable: 'any', target: 'draft-2020-12', override });
      const { $schema: _, $defs = {}, ...own } = converted as JsonSchema;
      for (const [name, definition] of Object.entries($defs)) {
        const { id: __, ...component } = withLinks(definition) as JsonSchema;
        if (JSON.stringify(schemas[name] ?? component) !== JSON.stringify(component)) {
          throw new Error(`two schemas are called ${name}`);
        }
        schemas[name] = component;
      }
      return withLinks(own) as Json;
    },
  };
}

/** References lead to the components of the document. */
function withLinks(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withLinks);
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) =>
      key === '$ref' && typeof value === 'string'
        ? [key, value.replace('#/$defs/', '#/components/schemas/')]
        : [key, withLinks(value)],
    ),
  );
}

/** Says by which field the members of a union are told apart, as generators of clients want to know. */
function override({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: JsonSchema }): void {
  if (!(zodSchema instanceof z.ZodDiscriminatedUnion)) return;
  const { discriminator: propertyName } = zodSchema.def;
  const mapping = Object.fromEntries(
    zodSchema.options.flatMap((option) => {
      const id = z.globalRegistry.get(option as z.ZodType)?.id;
      const literal = (option as z.ZodObject).shape?.[propertyName];
      return id === undefined || !(literal instanceof z.ZodLiteral)
        ? []
        : [[String(literal.value), `#/components/schemas/${id}`]];
    }),
  );
  const members = jsonSchema['oneOf'] as unknown[] | undefined;
  if (members?.length === Object.keys(mapping).length) jsonSchema['discriminator'] = { propertyName, mapping };
}
