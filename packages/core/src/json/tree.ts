/**
 * JSON as CredHub's server reads it (docs/reference/credhub-server.md#type-json). Objects are maps, which keep the
 * order of integer-like keys. Numbers are texts, which keep integers of any size.
 */
export type JsonNode = null | boolean | string | JsonNumber | JsonArray | JsonObject;

export class JsonNumber {
  /** As written in the source. */
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export class JsonArray {
  readonly items: readonly JsonNode[];
  constructor(items: readonly JsonNode[]) {
    this.items = items;
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
