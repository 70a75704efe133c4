import type { HttpResponse } from '../network/transport.ts';

/** A request as CREDHUB_DEBUG shows it: the raw HTTP/1.1 message between `[DEBUG] ` and a line break. */
export function dumpRequest(
  method: string,
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string | undefined,
): string {
  const { host } = URL.canParse(url) ? new URL(url) : { host: '' };
  const target = url.replace(/^[^:]*:\/\/[^/?#]*/, '') || '/';
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return `[DEBUG] ${[`${method} ${target} HTTP/1.1`, `Host: ${host}`, ...lines, '', body ?? ''].join('\r\n')}\n`;
}

/** An answer as CREDHUB_DEBUG shows it. */
export function dumpResponse(response: HttpResponse): string {
  const head = `HTTP/1.1 ${response.status} ${response.reason}`.trimEnd();
  return `[DEBUG] ${head}\r\n${sortedHeaders(response)}\r\n${response.body.toString('utf8')}\n`;
}

/** The headers in the spelling and order of Go's net/http: canonical names, sorted, each line ending in CR LF. */
export function sortedHeaders(response: HttpResponse): string {
  const lines: [name: string, value: string][] = [];
  for (let index = 0; index + 1 < response.rawHeaders.length; index += 2) {
    lines.push([canonical(response.rawHeaders[index] ?? ''), response.rawHeaders[index + 1] ?? '']);
  }
  const shown = lines.filter(
    ([name]) => name !== 'Connection' && name !== 'Keep-Alive' && name !== 'Transfer-Encoding',
  );
  return shown
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
}

function canonical(name: string): string {
  return name.toLowerCase().replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
}
