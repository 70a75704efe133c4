/**
 * A JSON tree that carries the type which the contract gives an answer, so that a name that no answer has does not
 * compile. Only names come from that type: the server may be another or an older one, so each kind is still looked at.
 */
import { field, listField, textField, type Value } from './json-tree.ts';

declare const shape: unique symbol;
interface Shaped<T> {
  readonly [shape]?: T;
}

/** A value whose fields are those of `T`, as far as the server keeps to the contract. */
export type Document<T> = (Exclude<Value, null> & Shaped<T>) | null;

/** The names of the fields of `T`; of a union, those of any member. */
export type Keys<T> = T extends readonly unknown[] ? never : T extends object ? keyof T & string : never;
type Field<T, K> = T extends unknown ? (K extends keyof T ? Exclude<T[K], undefined> : never) : never;
type Item<T> = T extends readonly (infer I)[] ? I : never;

/** Casts a response to the type of its route, without any check. */
export function documentOf<T>(value: Value): Document<T> {
  return value as Document<T>;
}

/** Returns the field of a document; undefined when it is no object or has no such field. */
export function fieldOf<T, K extends Keys<T>>(
  document: Document<T> | undefined,
  key: K,
): Document<Field<T, K>> | undefined {
  return field(document, key) as Document<Field<T, K>> | undefined;
}

/** Returns the field of a document if it is a text. */
export function textOf<T>(document: Document<T> | undefined, key: NoInfer<Keys<T>>): string | undefined {
  return textField(document, key);
}

/** Returns the items of a field that is a list; an empty list in every other case. */
export function listOf<T, K extends Keys<T>>(
  document: Document<T> | undefined,
  key: K,
): readonly Document<Item<Field<T, K>>>[] {
  return listField(document, key) as readonly Document<Item<Field<T, K>>>[];
}
