/**
 * Fields of values and parameters. Each has a reader for its JSON (docs/reference/credhub-server.md#json) and a shape
 * that describes it. Shapes are plain data, so that importing core loads no schema library. The contract converts them
 * into zod schemas and OpenAPI documents.
 */
import { CredError, type ErrorCode } from '../errors.ts';
import {
  BOOLEAN,
  INTEGER_KIND,
  type LeniencyName,
  NULLABLE_BOOLEAN,
  NULLABLE_INTEGER,
  TEXT,
} from '../json/leniencies.ts';
import {
  booleanOf,
  intOf,
  itemsOf,
  nullableBooleanOf,
  nullableIntOf,
  objectOf,
  type Read,
  readFields,
  strictTextOf,
  textOf,
  textsOf,
} from '../json/read.ts';
import { isJsonList, type JsonNode } from '../json/tree.ts';

/** The command-line flag of a field. */
export interface CommandFlag {
  /** Default: the name of the field, with dashes. */
  readonly name?: string;
  readonly char?: string;
  readonly summary: string;
  /** `file`: the text itself, or the name of a file that holds it. `credential`: the name of a stored credential. */
  readonly takes?: 'file' | 'credential';
  /** Prompt for a missing value on the terminal, with or without echo. */
  readonly prompt?: 'shown' | 'hidden';
}

/** The error for each kind of invalid value. */
export interface Refusals {
  /** A required field is absent. Default: `bad_request`. */
  readonly missing?: ErrorCode;
  /** Null is not allowed. Default: the error of `kind`. */
  readonly null?: ErrorCode;
  /** A value of another JSON type. Default: `bad_request`. */
  readonly kind?: ErrorCode;
  /** Outside its range, or not among the values. Default: `bad_request`. */
  readonly value?: ErrorCode;
  /** An empty text or list. Default: `bad_request`. */
  readonly empty?: ErrorCode;
  /** Too long, or of too many items. Default: `exceeds_maximum_size`. */
  readonly size?: ErrorCode;
}

/** A small part of JSON Schema: the strict form of a field, with the leniencies that are applied before it. */
export interface Shape {
  /** `objects`: a list of objects with `fields`. */
  readonly type: 'string' | 'integer' | 'boolean' | 'strings' | 'any' | 'object' | 'objects';
  /** Of a list: of its items. */
  readonly leniencies?: readonly LeniencyName[];
  readonly refusals?: Refusals;
  readonly nullable?: boolean;
  readonly required?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly values?: readonly (string | number | boolean)[];
  readonly default?: string | number | boolean;
  readonly fields?: Readonly<Record<string, Shape>>;
  readonly description?: string;
  /** Absent: the field has no command-line flag. */
  readonly flag?: CommandFlag;
}

export interface Field<T, S extends Shape = Shape> {
  readonly read: (node: JsonNode) => T;
  readonly shape: S;
}

type About = Omit<Shape, 'type' | 'leniencies'>;
export type Fields = Readonly<Record<string, Field<unknown>>>;

/** Returns a text field that accepts numbers and booleans as text. Null means absent. */
export function text<const A extends About>(about?: A) {
  return {
    read: textOf,
    shape: { type: 'string', leniencies: TEXT, nullable: true, ...about } as const,
  };
}

/** Text that must be there; `code` is the answer otherwise. An empty one names nothing. */
export function givenText(code: ErrorCode, about: About = {}) {
  return {
    read: textOf,
    shape: {
      ...about,
      type: 'string',
      leniencies: TEXT,
      required: true,
      nullable: false,
      refusals: { missing: code, null: code },
    } as const,
  };
}

/** Like {@link givenText}, where an empty text is as absent. */
export function requiredText(code: ErrorCode, { refusals, ...about }: About = {}) {
  return {
    read: textOf,
    shape: {
      ...about,
      type: 'string',
      leniencies: TEXT,
      required: true,
      nullable: false,
      minLength: 1,
      refusals: { ...refusals, missing: code, null: code, empty: code },
    } as const,
  };
}

/** Returns a field that accepts only text or null. */
export function strictText<const A extends About>(about?: A) {
  return {
    read: strictTextOf,
    shape: { type: 'string', nullable: true, ...about } as const,
  };
}

/** Returns a field that accepts an integer, also as text or as a fraction, which is cut. */
export function integer<const A extends About>(about?: A) {
  return {
    read: intOf,
    shape: { type: 'integer', leniencies: INTEGER_KIND, ...about } as const,
  };
}

/** Like {@link integer}, where null and a blank text count as absent. */
export function nullableInteger<const A extends About>(about?: A) {
  return {
    read: nullableIntOf,
    shape: { type: 'integer', leniencies: NULLABLE_INTEGER, nullable: true, ...about } as const,
  };
}

/** Returns a field that accepts a boolean, also as text or as an integer. */
export function flag<const A extends About>(about?: A) {
  return {
    read: booleanOf,
    shape: { type: 'boolean', leniencies: BOOLEAN, ...about } as const,
  };
}

/** Like {@link flag}, where null and a blank text count as absent. */
export function nullableFlag<const A extends About>(about?: A) {
  return {
    read: nullableBooleanOf,
    shape: { type: 'boolean', leniencies: NULLABLE_BOOLEAN, nullable: true, ...about } as const,
  };
}

/** Texts, at most `maxItems`: more are 413 before any is looked at. */
export function texts<const A extends About & { readonly maxItems: number }>(about: A) {
  return {
    read: textsOf(about.maxItems),
    shape: { type: 'strings', leniencies: TEXT, nullable: true, ...about } as const,
  };
}

/** Any JSON value, passed on as it is. */
export function any<const A extends About>(about?: A) {
  return {
    read: (node: JsonNode): JsonNode => node,
    shape: { type: 'any', ...about } as const,
  };
}

/** A field that is accepted and ignored. */
export const ignored = {
  read: (): null => null,
  shape: { type: 'any', leniencies: ['ignoredField'], description: 'Ignored' },
} as const satisfies Field<null>;

/** The shapes of a table of fields, by name. */
export function shapesOf(fields: Fields): Readonly<Record<string, Shape>> {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.shape]));
}

/** A list of objects, read one by one. */
export function objects<F extends Fields, const A extends About & { readonly maxItems: number }>(fields: F, about: A) {
  return {
    read: (node: JsonNode): Read<F>[] | null => {
      if (node === null) return null;
      if (!isJsonList(node)) throw new CredError('bad_request');
      return itemsOf(node, about.maxItems).map((item) => readFields(objectOf(item), fields));
    },
    shape: { type: 'objects', fields: shapesOf(fields), ...about } as const,
  };
}

export function objectShape(fields: Fields): Shape {
  return { type: 'object', fields: shapesOf(fields) };
}

/** Returns the shape of a response object whose fields are nullable texts. */
export function nullableTexts<Name extends string>(...names: readonly Name[]) {
  return {
    type: 'object' as const,
    fields: Object.fromEntries(names.map((name) => [name, { type: 'string', nullable: true }])) as Readonly<
      Record<Name, { readonly type: 'string'; readonly nullable: true }>
    >,
  };
}

/** The TypeScript type of a response value with a shape. */
export type ShownValue<S> = S extends { type: 'string'; nullable: true }
  ? string | null
  : S extends { type: 'string' }
    ? string
    : S extends { type: 'object'; fields: infer Fields }
      ? { -readonly [Name in keyof Fields]: ShownValue<Fields[Name]> }
      : unknown;
