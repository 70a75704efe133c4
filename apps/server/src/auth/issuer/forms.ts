/** Reads the parameters of requests to the issuer, from query and form. */
import type { Context } from 'hono';
import { nextTurn } from '../../turns.ts';
import { IssuerError, invalidRequest } from './errors.ts';

/** Ample for a user name, a password and a token. */
const FORM_BYTES = 64 * 1024;
/** A longer form may contain thousands of fields, which take milliseconds to parse. */
const SMALL_FORM_BYTES = 4 * 1024;

/** Returns a text that is safe in a header or a log line. */
export function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 100);
}

/**
 * Reads the form of a request.
 * @throws IssuerError for another content type, a body too long, or a field given twice (RFC 6749, section 3.2)
 */
export async function readForm(context: Context): Promise<URLSearchParams> {
  const type = (context.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded') {
    throw new IssuerError(415, 'invalid_request', 'Content type must be application/x-www-form-urlencoded');
  }
  const tooLong = () => new IssuerError(413, 'invalid_request', 'The request is too large', { Connection: 'close' });
  if (Number(context.req.header('content-length') ?? 0) > FORM_BYTES) throw tooLong();
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of context.req.raw.body ?? []) {
    length += part.length;
    if (length > FORM_BYTES) throw tooLong();
    parts.push(part);
  }
  if (length > SMALL_FORM_BYTES) await nextTurn();
  const form = new URLSearchParams(Buffer.concat(parts).toString('utf8'));
  refuseRepeated(new URLSearchParams([...queryOf(context), ...form]));
  return form;
}

export function queryOf({ req }: Context): URLSearchParams {
  return new URL(req.url).searchParams;
}

/** Refuses repeated parameters (RFC 6749, section 3.1). @throws IssuerError that names the parameter */
export function refuseRepeated(parameters: URLSearchParams): void {
  const names = new Set<string>();
  for (const name of parameters.keys()) {
    if (names.has(name)) throw invalidRequest(`Duplicate parameter: ${printable(name)}`);
    names.add(name);
  }
}
