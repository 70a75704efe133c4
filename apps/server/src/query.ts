/** Parses query strings strictly. The schema of the route decides about repeated parameters. */
import type { GivenQuery } from '@credplex/contract';

/**
 * Parses the query of a URL and then `more` (a form body) into the values of each name, in order.
 * Returns `undefined` when it is not percent-encoded UTF-8.
 */
export function parseQuery(url: string, more?: string): GivenQuery | undefined {
  const pairs: Record<string, string[]> = {};
  const start = url.indexOf('?');
  const hash = url.indexOf('#');
  const own = start < 0 ? '' : url.slice(start + 1, hash < start ? undefined : hash);
  const text = more === undefined ? own : `${own}&${more}`;
  if (text === '') return pairs;
  try {
    for (const part of text.split('&')) {
      if (part === '') continue;
      const equals = part.indexOf('=');
      const name = decode(equals < 0 ? part : part.slice(0, equals));
      add(pairs, name, equals < 0 ? '' : decode(part.slice(equals + 1)));
    }
  } catch {
    return undefined;
  }
  return pairs;
}

function decode(text: string): string {
  return text.includes('%') || text.includes('+') ? decodeURIComponent(text.replaceAll('+', ' ')) : text;
}

/** An object without a prototype would be slow, so the one special name, `__proto__`, is defined as a property. */
function add(pairs: Record<string, string[]>, name: string, value: string): void {
  if (Object.hasOwn(pairs, name)) pairs[name]?.push(value);
  else if (name !== '__proto__') pairs[name] = [value];
  else Object.defineProperty(pairs, name, { value: [value], enumerable: true, configurable: true });
}
