import { goQuote } from '../format/go-quote.ts';

/** Why Go's url.Parse does not take an address, in its words; undefined when it does. */
export function urlProblem(address: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
  if (/[\x00-\x1f\x7f]/.test(address)) return 'net/url: invalid control character in URL';
  if (address.startsWith(':')) return 'missing protocol scheme';
  const authority = /^[a-zA-Z][a-zA-Z0-9+.-]*:\/\/([^/?#]*)/.exec(address)?.[1];
  if (authority === undefined) return undefined;
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  if (host.startsWith('[') && !host.includes(']')) return "missing ']' in host";
  const badEscape = /%(?:[0-7][0-9a-fA-F]|[0-9a-fA-F]?(?![0-9a-fA-F]))/.exec(host)?.[0];
  if (badEscape !== undefined) return `invalid URL escape ${goQuote(badEscape)}`;
  const odd = /[ "<>\\^`{|}]/.exec(host)?.[0];
  if (odd !== undefined) return `invalid character ${goQuote(odd)} in host name`;
  const port = /^(?:\[[^\]]*\]|[^:]*)(:.*)?$/s.exec(host)?.[1];
  return port === undefined || /^:\d*$/.test(port) ? undefined : `invalid port ${goQuote(port)} after host`;
}
