import { CommandFailure } from '../failure.ts';
import { isObject, type JsonObject, type Value } from '../format/json-tree.ts';
import { parseJson } from '../format/parse-json.ts';

/**
 * Parses --metadata. `{}` and `null` mean no metadata, which is not sent.
 *
 * @throws CommandFailure when it is neither an object nor null.
 */
export function parseMetadata(text: string): JsonObject | undefined {
  let value: Value;
  try {
    value = parseJson(text);
  } catch (error) {
    throw notAnObject(error);
  }
  if (value === null) return undefined;
  if (!isObject(value)) throw notAnObject();
  return value.entries.size === 0 ? undefined : value;
}

function notAnObject(cause?: unknown): CommandFailure {
  return new CommandFailure(
    'The argument for --metadata is not a valid json object. Please update and retry your request.',
    { cause },
  );
}
