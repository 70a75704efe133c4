/** Core's reader of request fields and the schemas that are derived from its tables say the same. */
import {
  CREDENTIAL_TYPES,
  CredError,
  type Field,
  GENERATED_TYPES,
  generateFields,
  type JsonNode,
  JsonNumber,
  JsonObject,
  jsonText,
  LENIENCIES,
  LEVELS,
  type LeniencyName,
  parseJson,
  REQUEST_FIELDS,
  readFields,
  regenerateByDataFields,
  type Shape,
  setFields,
  strictForm,
} from '@credplex/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bodySchema, schemaOf } from './field-schemas.ts';

type Table = Readonly<Record<string, Field<unknown>>>;
const ofTypes = ([1, 2] as const).flatMap((number) => [
  ...CREDENTIAL_TYPES.map((type) => [`set ${type.name} ${number}`, setFields(type, LEVELS[number])]),
  ...GENERATED_TYPES.map((type) => [`generate ${type.name} ${number}`, generateFields(type, LEVELS[number])]),
]);
const parameters = GENERATED_TYPES.map((type) => [`parameters of ${type.name}`, type.generation?.parameters]);
const tables = [
  ...Object.entries(REQUEST_FIELDS),
  ['regenerate by data', regenerateByDataFields],
  ...ofTypes,
  ...parameters,
] as unknown as readonly (readonly [string, Table])[];
const fields = tables.flatMap(([name, table]) =>
  Object.entries(table).map(([key, field]) => [`${name}: ${key}`, key, field] as const),
);

function isIgnored({ leniencies }: Shape): boolean {
  return leniencies?.includes('ignoredField') === true;
}

/** What is read, as plain JSON; fields that are ignored are absent. */
function plain(read: unknown, shape: Shape | undefined): unknown {
  if (read instanceof JsonNumber || read instanceof JsonObject) {
    const value: unknown = JSON.parse(jsonText(read));
    return read instanceof JsonObject ? plainFields(value as object, shape?.fields ?? {}) : value;
  }
  if (Array.isArray(read))
    return read.map((item) => (shape?.fields ? plainFields(item, shape.fields) : plain(item, undefined)));
  if (typeof read === 'object' && read !== null) return plainFields(read, shape?.fields ?? {});
  return read;
}

function plainFields(read: object, shapes: Readonly<Record<string, Shape>>): object {
  const entries = Object.entries(read).filter(([key]) => !(shapes[key] && isIgnored(shapes[key])));
  return Object.fromEntries(entries.map(([key, value]) => [key, plain(value, shapes[key])]));
}

function shapesOf(table: Table): Readonly<Record<string, Shape>> {
  return Object.fromEntries(Object.entries(table).map(([key, { shape }]) => [key, shape]));
}

function read(table: Table, body: unknown): object {
  return plainFields(readFields(parseJson(JSON.stringify(body)) as JsonObject, table), shapesOf(table));
}

/** The code of the error that reading one field throws; `undefined` where it is taken. */
function refusalOf(field: Field<unknown>, node: JsonNode): string | undefined {
  try {
    field.read(node);
    return undefined;
  } catch (error) {
    if (error instanceof CredError) return error.code;
    throw error;
  }
}

function text(shape: Shape): fc.Arbitrary<unknown> {
  return shape.values
    ? fc.constantFrom(...shape.values)
    : fc.string({ unit: 'grapheme', minLength: shape.minLength ?? 0, maxLength: Math.min(shape.maxLength ?? 12, 12) });
}

function strictValue(shape: Shape): fc.Arbitrary<unknown> {
  const { values, minItems = 0, minimum = -2147483648, maximum = 2147483647, fields: inner = {} } = shape;
  const of: Readonly<Record<Shape['type'], () => fc.Arbitrary<unknown>>> = {
    any: () => fc.jsonValue({ maxDepth: 2 }).filter((value) => value !== null),
    boolean: () => (values ? fc.constantFrom(...values) : fc.boolean()),
    integer: () => (values ? fc.constantFrom(...values) : fc.integer({ min: minimum, max: maximum })),
    string: () => text(shape).filter((value) => typeof value !== 'string' || value.length <= (shape.maxLength ?? 99)),
    // In the order of the table, as operations are kept.
    strings: () =>
      values
        ? fc.subarray([...values], { minLength: minItems })
        : fc.array(text({ type: 'string' }), { minLength: minItems, maxLength: 3 }),
    object: () => strictBody(inner),
    objects: () => fc.array(strictBody(inner), { minLength: minItems, maxLength: 2 }),
  };
  return shape.nullable ? fc.option(of[shape.type](), { nil: null }) : of[shape.type]();
}

function strictBody(shapes: Readonly<Record<string, Shape>>): fc.Arbitrary<object> {
  const values = Object.fromEntries(Object.entries(shapes).map(([key, shape]) => [key, strictValue(shape)]));
  const requiredKeys = Object.keys(shapes).filter((key) => shapes[key]?.required);
  return fc.record(values, { requiredKeys, noNullPrototype: true });
}

describe('strict input', () => {
  test.each(tables)('%s means the same to the reader and to the schema', (_, table) => {
    const schema = bodySchema(table);
    fc.assert(
      fc.property(strictBody(shapesOf(table)), (body) => {
        const parsed = schema.parse(body);
        expect(read(table, body)).toEqual(JSON.parse(JSON.stringify(plainFields(parsed, shapesOf(table)))));
      }),
      { numRuns: 50 },
    );
  });
});

/** JSON texts to which a rule applies. */
const SAMPLES: Readonly<Record<LeniencyName, (shape: Shape) => readonly string[]>> = {
  numberAsText: () => ['12', '-1.50', '1e3'],
  booleanAsText: () => ['true', 'false'],
  textAsInteger: () => ['" 2048"', '"+12"', '"007"'],
  fractionAsInteger: () => ['2048.7', '25e-1', '-0.5'],
  textAsBoolean: () => ['"true"', '" False "', '"FALSE"'],
  wordAsBoolean: () => ['"true"'],
  integerAsBoolean: () => ['1', '-7'],
  blankAsNull: () => ['""', '" \\t"'],
  blanksAroundWord: ({ values = [] }) => values.map((value) => JSON.stringify(` ${value}\n`)),
  placeAsMode: () => ['0', '"1"', '" 1 "'],
  typeInAnyCase: ({ values = [] }) => values.map((value) => JSON.stringify(String(value).toUpperCase())),
  ignoredField: () => ['null', '{"a":1}', '[]', '5'],
};

const withLeniency = fields.flatMap(([title, key, field]) =>
  (field.shape.leniencies ?? []).map((name) => [`${title}, ${name}`, name, key, field] as const),
);

describe('lenient input', () => {
  test.each(withLeniency)('%s equals its strict form, which alone the schema takes', (_, name, key, field) => {
    const { shape } = field;
    const schema = schemaOf(shape);
    const isList = shape.type === 'strings';
    for (const sample of SAMPLES[name](shape)) {
      const lenient = parseJson(sample);
      const strict = strictForm(lenient, shape.leniencies ?? []);
      expect(strict, sample).toEqual(LENIENCIES[name](lenient));
      const [given, wanted] = isList ? [[lenient], [strict]] : [lenient, strict];
      const taken = field.read(given);
      // Where the reader passes the node on, the use case applies the rule.
      if (taken !== given) expect(plain(taken, shape), sample).toEqual(plain(field.read(wanted), shape));
      if (isIgnored(shape)) continue;
      const jsonOf = (node: JsonNode): unknown => JSON.parse(jsonText(node));
      const first = schema.safeParse(jsonOf(wanted)).error?.issues[0];
      // The strict form may be outside the range of this field, which is no matter of its kind.
      const { value = 'bad_request', size, empty } = shape.refusals ?? {};
      if (first) expect([value, size, empty], key).toContain(first.message);
      expect(schema.safeParse(jsonOf(given)).success, sample).toBe(false);
    }
  });

  test('each rule of the table is one of some field', () => {
    const used = new Set(withLeniency.map(([, name]) => name));
    const nested = ['ignoredField', 'blanksAroundWord'];
    expect(Object.keys(LENIENCIES).filter((name) => !used.has(name as LeniencyName) && !nested.includes(name))).toEqual(
      [],
    );
  });
});

describe('what the reader refuses', () => {
  test.each(fields)('%s is refused by the schema with the same error', (_, __, field) => {
    const schema = schemaOf(field.shape);
    const anything = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom('', ' ', '5', 'true', 0, 2.5, 1e10, [null], ['x'], {}),
    );
    fc.assert(
      fc.property(anything, (value) => {
        const node = parseJson(JSON.stringify(value));
        const code = refusalOf(field, node);
        if (code === undefined) return;
        const messages = schema
          .safeParse(JSON.parse(JSON.stringify(value)))
          .error?.issues.map(({ message }) => message);
        expect(messages).toContain(code);
      }),
    );
  });

  test('an unknown field has the same error, too', () => {
    for (const [name, table] of tables) {
      const issues = bodySchema(table)
        .safeParse({ nobody_knows: 1 })
        .error?.issues.map(({ message }) => message);
      expect(issues, name).toContain('invalid_json_key');
      expect(() => read(table, { nobody_knows: 1 }), name).toThrow(
        expect.objectContaining({ code: 'invalid_json_key' }),
      );
    }
  });
});
