/** Query strings, read strictly. */

/**
 * Name-value pairs of the part after `?`; of a repeated name the first counts. `undefined` when it is not
 * percent-encoded UTF-8.
 */
export function parseQuery(url: string): Record<string, string> | undefined {
  const start = url.indexOf('?');
  const pairs: Record<string, string> = Object.create(null) as Record<string, string>;
  if (start < 0) return pairs;
  const hash = url.indexOf('#', start);
  const text = url.slice(start + 1, hash < 0 ? undefined : hash);
  if (text === '') return pairs;
  try {
    for (const part of text.split('&')) {
      if (part === '') continue;
      const equals = part.indexOf('=');
      const name = decode(equals < 0 ? part : part.slice(0, equals));
      if (name in pairs) continue;
      pairs[name] = equals < 0 ? '' : decode(part.slice(equals + 1));
    }
  } catch {
    return undefined;
  }
  return pairs;
}

const decode = (text: string): string => (/[%+]/.test(text) ? decodeURIComponent(text.replaceAll('+', ' ')) : text);
