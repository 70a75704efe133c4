/**
 * A JSON value without loss. Objects are maps, which keep the order of integer-like keys. Numbers are texts, which keep
 * integers of any size.
 */
export type JsonNode = null | boolean | string | JsonNumber | JsonList | JsonObject;

export type JsonList = readonly JsonNode[];

export class JsonNumber {
  /** As written in the source. */
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** An object with unique keys. Of duplicates, the last value is stored at the position of the first. */
export class JsonObject {
  readonly entries: ReadonlyMap<string, JsonNode>;
  /** Set for the readable part of invalid JSON: whether the syntax error is inside the object or after it. */
  readonly broken: 'inside' | 'after' | undefined;
  constructor(entries: ReadonlyMap<string, JsonNode>, broken?: 'inside' | 'after') {
    this.entries = entries;
    this.broken = broken;
  }
}

/** Narrows to a list, which `Array.isArray` does not do for readonly ones. */
export function isJsonList(node: JsonNode | undefined): node is JsonList {
  return Array.isArray(node);
}
