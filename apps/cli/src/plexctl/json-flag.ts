import { usageFailure } from './usage.ts';

/** The JSON object of a flag. @throws CommandFailure (exit 2), which does not repeat the text. */
export function requireJsonObject(flag: string, text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // The parser's message is not used, because it would show a part of the text.
  }
  throw usageFailure(`--${flag} must be a JSON object, such as '{"region":"eu-central-1"}'.`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
