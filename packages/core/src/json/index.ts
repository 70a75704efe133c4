/** `@credplex/core/json`: the tree and the reader alone, for programs with rules of their own. */
export { type Cursor, isAtEnd, type JsonRules, skipBlanks, TOO_DEEP } from './cursor.ts';
export { cursorIn, readJson, readValue } from './reader.ts';
export { isJsonList, type JsonList, type JsonNode, JsonNumber, JsonObject } from './tree.ts';
