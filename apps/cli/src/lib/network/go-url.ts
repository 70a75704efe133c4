import { goQuote } from '../format/go-quote.ts';

/** An address as Go's net/url takes it apart. Its path and query are bytes, one character each. */
export interface GoUrl {
  /** Decoded. */
  readonly path: string;
  /** As it was written, without the question mark. */
  readonly query: string;
}

/** An address or query that Go does not take. The message is Go's. */
export class UrlError extends Error {
  override readonly name = 'UrlError';
}

/** @throws UrlError `parse "…": …` */
export function parseUrl(address: string): GoUrl {
  const hash = address.indexOf('#');
  const whole = hash < 0 ? address : address.slice(0, hash);
  try {
    return parts(toBytes(whole));
  } catch (error) {
    if (!(error instanceof UrlError)) throw error;
    throw new UrlError(`parse ${goQuote(whole)}: ${error.message}`);
  }
}

function parts(whole: string): GoUrl {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
  if (/[\x00-\x1f\x7f]/.test(whole)) throw new UrlError('net/url: invalid control character in URL');
  if (whole.startsWith(':')) throw new UrlError('missing protocol scheme');
  const scheme = /^[a-zA-Z][a-zA-Z0-9+.-]*(?=:)/.exec(whole)?.[0] ?? '';
  const behind = scheme === '' ? whole : whole.slice(scheme.length + 1);
  const question = behind.indexOf('?');
  const rest = question < 0 ? behind : behind.slice(0, question);
  const query = question < 0 ? '' : behind.slice(question + 1);
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { path: '', query };
    if (/^[^/]*:/.test(rest)) throw new UrlError('first path segment in URL cannot contain colon');
  }
  if (!rest.startsWith('//') || (scheme === '' && rest.startsWith('///'))) {
    return { path: decodePercent(rest, 'path'), query };
  }
  const slash = rest.indexOf('/', 2);
  checkAuthority(slash < 0 ? rest.slice(2) : rest.slice(2, slash));
  return { path: slash < 0 ? '' : decodePercent(rest.slice(slash), 'path'), query };
}

function checkAuthority(authority: string): void {
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  const bracket = host.lastIndexOf(']');
  if (host.includes('[') && bracket < 0) throw new UrlError("missing ']' in host");
  const colon = host.includes('[') ? bracket + 1 : host.lastIndexOf(':');
  const port = colon < 0 ? '' : host.slice(colon);
  if (!/^(?::\d*)?$/.test(port)) throw new UrlError(`invalid port ${goQuote(fromBytes(port))} after host`);
  decodePercent(host, 'host');
  if (at >= 0 && !/^[\w\-.:~!$&'()*+,;=%@]*$/.test(authority.slice(0, at))) {
    throw new UrlError('net/url: invalid userinfo');
  }
}

function decodePercent(text: string, what: 'path' | 'host' | 'query'): string {
  return text.replace(/%([0-9a-fA-F]{2})?|[^%]/g, (found, hex: string | undefined, at: number) => {
    if (found === '+' && what === 'query') return ' ';
    if (found.length === 1 && found !== '%') {
      // RFC 3986, 3.2.2, as far as Go follows it; it takes a few characters more.
      if (what !== 'host' || !/[ #%/?@\\^`{|}]/.test(found)) return found;
      throw new UrlError(`invalid character ${goQuote(found)} in host name`);
    }
    const known = hex !== undefined && (what !== 'host' || /^[89a-fA-F]|^25$/.test(hex));
    if (!known) throw new UrlError(`invalid URL escape ${goQuote(fromBytes(text.slice(at, at + 3)))}`);
    return String.fromCharCode(Number.parseInt(hex, 16));
  });
}

/** A decoded path as it is sent. */
export function escapePath(path: string): string {
  return path.replace(/[^\w\-.~$&+,/:;=@]/g, percent);
}

/**
 * A query as Go's url.ParseQuery and Encode leave it: decoded, sorted by name, encoded again.
 *
 * @throws UrlError
 */
export function sortedQuery(query: string): string {
  return query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      if (part.includes(';')) throw new UrlError('invalid semicolon separator in query');
      const equals = part.indexOf('=');
      const name = equals < 0 ? part : part.slice(0, equals);
      return [decodePercent(name, 'query'), decodePercent(equals < 0 ? '' : part.slice(equals + 1), 'query')] as const;
    })
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => `${escapeQuery(name)}=${escapeQuery(value)}`)
    .join('&');
}

function escapeQuery(bytes: string): string {
  return bytes.replace(/[^\w\-.~ ]/g, percent).replaceAll(' ', '+');
}

function percent(byte: string): string {
  return `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

function toBytes(text: string): string {
  return Buffer.from(text.toWellFormed(), 'utf8').toString('latin1');
}

function fromBytes(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
