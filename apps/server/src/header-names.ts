/**
 * Canonical spelling of response header names. `Headers` of the Fetch standard lower-cases them. Names are case-insensitive
 * (RFC 9110, 5.1), but some clients compare them by case.
 */
import { type IncomingMessage, type OutgoingHttpHeader, type OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** Names that do not simply capitalise each word, as in the IANA registry of field names. */
const spellings = new Map([
  ['www-authenticate', 'WWW-Authenticate'],
  ['etag', 'ETag'],
]);
/** All names come from our own code, so only a bug could exceed this limit. */
const MAX_SPELLINGS = 256;

/** Returns `X-Correlation-Id` for `x-correlation-id`. */
export function canonicalHeaderName(name: string): string {
  const lower = name.toLowerCase();
  const known = spellings.get(lower);
  if (known !== undefined) return known;
  const spelling = lower.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
  if (spellings.size < MAX_SPELLINGS) spellings.set(lower, spelling);
  return spelling;
}

function startsLower(name: string): boolean {
  return name.charCodeAt(0) > 0x60;
}

function withCanonicalNames(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  // Most responses use canonical names already and need no copy.
  if (!Object.keys(headers).some(startsLower)) return headers;
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [canonicalHeaderName(name), value]));
}

/** Writes header names in their canonical spelling. For the option `ServerResponse` of a server. */
export class CanonicalResponse<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {
  override writeHead(
    status: number,
    reason?: string | OutgoingHttpHeaders | OutgoingHttpHeader[],
    headers?: OutgoingHttpHeaders | OutgoingHttpHeader[],
  ): this {
    const spell = (given: OutgoingHttpHeaders | OutgoingHttpHeader[] | undefined) =>
      given === undefined || Array.isArray(given) ? given : withCanonicalNames(given);
    if (typeof reason === 'string') return super.writeHead(status, reason, spell(headers));
    return super.writeHead(status, spell(reason ?? headers));
  }
}
