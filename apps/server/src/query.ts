/** Query strings, read strictly. */

const firstCounts = (): boolean => false;

/**
 * Reads the name-value pairs of the part after `?`, then of `more` (a form body). The values of a repeated name are joined by a
 * comma where `isJoined` says so; else the first counts. Returns `undefined` when it is not percent-encoded UTF-8.
 */
export function parseQuery(
  url: string,
  more?: string,
  isJoined: (name: string) => boolean = firstCounts,
): Record<string, string> | undefined {
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
      const value = equals < 0 ? '' : decode(part.slice(equals + 1));
      if (!Object.hasOwn(pairs, name)) set(pairs, name, value);
      else if (isJoined(name)) set(pairs, name, `${pairs[name]},${value}`);
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
  if (name === '__proto__') Object.defineProperty(pairs, name, { value, enumerable: true, configurable: true });
  else pairs[name] = value;
}
