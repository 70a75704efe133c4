import { isObject, type JsonObject } from '../lib/format/json-tree.ts';
import { parseJson } from '../lib/format/parse-json.ts';
import { usageFailure } from './usage.ts';

/** The JSON object of a flag. @throws CommandFailure (exit 2), which does not repeat the text. */
export function requireJsonObject(flag: string, text: string): JsonObject {
  try {
    const value = parseJson(text);
    if (isObject(value)) return value;
  } catch {
    // Said below: the parser's message would show a piece of the text.
  }
  throw usageFailure(`--${flag} must be a JSON object, such as '{"region":"eu-central-1"}'.`);
}
