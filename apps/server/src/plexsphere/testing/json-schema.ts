/** As much of JSON Schema as the vendor's document uses. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
  readonly pattern?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
}

const FORMATS: Readonly<Record<string, RegExp>> = {
  uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
  'date-time': /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/,
};

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

/** What in `value` breaks `schema`, each with its place; empty when nothing does. */
export function violations(
  schemas: Readonly<Record<string, Schema>>,
  schema: Schema,
  value: unknown,
  place = '$',
): string[] {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1) ?? '';
    return violations(schemas, schemas[name] ?? {}, value, place);
  }
  const found: string[] = [];
  const wrong = (what: string) => found.push(`${place}: ${what}`);
  const kind = kindOf(value);
  if (schema.type !== undefined && schema.type !== kind && !(schema.type === 'number' && kind === 'integer'))
    wrong(`${kind} instead of ${schema.type}`);
  if (schema.enum !== undefined && !schema.enum.includes(value)) wrong(`${String(value)} is none of the enumeration`);
  if (typeof value === 'string') {
    if (schema.pattern !== undefined && !new RegExp(schema.pattern).test(value)) wrong('pattern');
    if (schema.format !== undefined && FORMATS[schema.format]?.test(value) === false) wrong(schema.format);
    if (value.length < (schema.minLength ?? 0) || value.length > (schema.maxLength ?? Infinity)) wrong('length');
  }
  if (typeof value === 'number' && value < (schema.minimum ?? -Infinity)) wrong('minimum');
  if (Array.isArray(value) && schema.items !== undefined)
    for (const [index, item] of value.entries())
      found.push(...violations(schemas, schema.items, item, `${place}[${index}]`));
  if (kind === 'object') {
    const fields = value as Readonly<Record<string, unknown>>;
    for (const name of schema.required ?? []) if (!Object.hasOwn(fields, name)) wrong(`${name} is missing`);
    for (const [name, field] of Object.entries(fields)) {
      const known = schema.properties?.[name];
      if (known !== undefined) found.push(...violations(schemas, known, field, `${place}.${name}`));
      else if (schema.additionalProperties === false) wrong(`${name} is too many`);
    }
  }
  for (const part of schema.allOf ?? []) found.push(...violations(schemas, part, value, place));
  return found;
}
