/** Query strings, read strictly. */

/**
 * Name-value pairs of the part after `?`, then of `more` (a form body); of a repeated name the first counts. `undefined`
 * when it is not percent-encoded UTF-8.
 */
export function parseQuery(url: string, more?: string): Record<string, string> | undefined {
  const pairs = {} as Record<string, string>;
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
      if (!Object.hasOwn(pairs, name)) set(pairs, name, equals < 0 ? '' : decode(part.slice(equals + 1)));
    }
  } catch {
    return undefined;
  }
  return pairs;
}

const decode = (text: string): string =>
  text.includes('%') || text.includes('+') ? decodeURIComponent(text.replaceAll('+', ' ')) : text;

/** An object without a prototype would be slow, so that the one name which means something else is defined. */
function set(pairs: Record<string, string>, name: string, value: string): void {
  if (name === '__proto__') Object.defineProperty(pairs, name, { value, enumerable: true });
  else pairs[name] = value;
}
