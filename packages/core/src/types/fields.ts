/**
 * Fields of values and parameters: each knows how it reads its JSON (docs/reference/credhub-server.md#json) and how to
 * describe itself. Plain data, so that importing core loads no schema library; the contract turns it into zod and
 * documents.
 */
import { booleanOf, intOf, nullableBooleanOf, strictTextOf, textOf, textsOf } from '../json/read.ts';
import type { JsonNode } from '../json/tree.ts';

/** How a command line offers a field. */
export interface CommandFlag {
  /** Default: the name of the field, with dashes. */
  readonly name?: string;
  readonly char?: string;
  readonly summary: string;
  /** `file`: the text itself, or the name of a file that holds it. `credential`: the name of a stored credential. */
  readonly takes?: 'file' | 'credential';
  /** Asked for on the terminal when the flag is missing, with or without echo. */
  readonly prompt?: 'shown' | 'hidden';
}

/** A small part of JSON Schema. */
export interface Shape {
  readonly type: 'string' | 'integer' | 'boolean' | 'strings' | 'any' | 'object';
  readonly nullable?: boolean;
  readonly required?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
  readonly values?: readonly (string | number)[];
  readonly default?: string | number | boolean;
  readonly fields?: Readonly<Record<string, Shape>>;
  readonly description?: string;
  /** Absent: no command line offers the field. */
  readonly flag?: CommandFlag;
}

export interface Field<T> {
  readonly read: (node: JsonNode) => T;
  readonly shape: Shape;
}

type About = Omit<Shape, 'type'>;
type Fields = Readonly<Record<string, Field<unknown>>>;

/** Text; numbers and booleans become text, null counts as absent. */
export const text = (about: About = {}): Field<string | null> => ({
  read: textOf,
  shape: { type: 'string', nullable: true, ...about },
});

/** Text or null, nothing else. */
export const strictText = (about: About = {}): Field<string | null> => ({
  read: strictTextOf,
  shape: { type: 'string', nullable: true, ...about },
});

export const integer = (about: About = {}): Field<number> => ({ read: intOf, shape: { type: 'integer', ...about } });

export const flag = (about: About = {}): Field<boolean> => ({ read: booleanOf, shape: { type: 'boolean', ...about } });

/** Texts, at most `maxItems`: more are 413 before any is looked at. */
/** Like {@link flag}, where null and a blank text count as absent. */
export const nullableFlag = (about: About = {}): Field<boolean | null> => ({
  read: nullableBooleanOf,
  shape: { type: 'boolean', nullable: true, ...about },
});

export const texts = (about: About & { readonly maxItems: number }): Field<string[] | null> => ({
  read: textsOf(about.maxItems),
  shape: { type: 'strings', nullable: true, ...about },
});

/** Accepted and not looked at. */
export const ignored: Field<null> = { read: () => null, shape: { type: 'any' } };

const shapesOf = (fields: Fields): Readonly<Record<string, Shape>> =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.shape]));

export const objectShape = (fields: Fields): Shape => ({ type: 'object', fields: shapesOf(fields) });

/** An answer's object in which each text may be null. */
export const nullableTexts = <Name extends string>(...names: readonly Name[]) => ({
  type: 'object' as const,
  fields: Object.fromEntries(names.map((name) => [name, { type: 'string', nullable: true }])) as Readonly<
    Record<Name, { readonly type: 'string'; readonly nullable: true }>
  >,
});

/** What a value of a shape is in an answer. */
export type ShownValue<S> = S extends { type: 'string'; nullable: true }
  ? string | null
  : S extends { type: 'string' }
    ? string
    : S extends { type: 'object'; fields: infer Fields }
      ? { -readonly [Name in keyof Fields]: ShownValue<Fields[Name]> }
      : unknown;
