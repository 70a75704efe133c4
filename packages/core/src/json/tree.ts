/**
 * JSON as CredHub's server reads it (docs/reference/credhub-server.md#type-json): objects are entry lists, so that key
 * order and integer-like keys survive, and numbers are text, so that integers of any size do.
 */
export type JsonNode = null | boolean | string | JsonNumber | JsonArray | JsonObject;

export class JsonNumber {
  /** As it stands in the source. */
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

/** A key occurs once: of duplicates the last value holds, at the place of the first. */
export class JsonObject {
  readonly entries: ReadonlyMap<string, JsonNode>;
  /** Set for what could be read of a text that is not JSON: the fault lies inside the object, or after it. */
  readonly broken: 'inside' | 'after' | undefined;
  constructor(entries: ReadonlyMap<string, JsonNode>, broken?: 'inside' | 'after') {
    this.entries = entries;
    this.broken = broken;
  }
}
