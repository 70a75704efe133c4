import { CommandFailure } from './failure.ts';
import { isObject, type JsonObject, parseJson, type Value } from './format/value.ts';

/** The object in --metadata. @throws CommandFailure when it is anything else. */
export function parseMetadata(text: string): JsonObject {
  let value: Value;
  try {
    value = parseJson(text);
  } catch (error) {
    throw notAnObject(error);
  }
  if (!isObject(value)) throw notAnObject();
  return value;
}

function notAnObject(cause?: unknown): CommandFailure {
  return new CommandFailure(
    'The argument for --metadata is not a valid json object. Please update and retry your request.',
    { cause },
  );
}
