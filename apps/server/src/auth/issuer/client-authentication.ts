/** Authenticates clients by Basic header or form fields (RFC 6749, section 2.3.1), in the encodings of known clients. */
import { type ClientRow, type Secret, secret } from '@credplex/core';
import { badClient, badCredentials, invalidRequest } from './errors.ts';
import type { CheckLogin } from './throttle.ts';

export interface ClientCredentials {
  readonly id: string;
  readonly secret: Secret;
  readonly by: 'form' | 'basic';
}

/** The database cannot hold longer ids or U+0000. */
const PLAUSIBLE = /^[^\0]{1,255}$/s;
export function isPlausibleName(name: string): boolean {
  return PLAUSIBLE.test(name);
}

/**
 * Returns the possible credentials in order. Spring and RFC 6749 form-encode both parts of a Basic header, and cf-uaa-lib does so
 * when it sends `X-CF-ENCODED-CREDENTIALS: true`. Older clients send them raw. Both readings are tried when they differ.
 * @throws IssuerError for missing, conflicting or malformed credentials
 */
export function readClient(headers: Headers, form: URLSearchParams): ClientCredentials[] {
  const header = headers.get('authorization');
  if (header !== null) {
    const encoded = /^basic +([A-Za-z0-9+/_-]+={0,2})$/i.exec(header)?.[1];
    const text = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8');
    const colon = text.indexOf(':');
    if (colon < 1) throw badClient();
    const raw = { id: text.slice(0, colon), secret: text.slice(colon + 1) };
    const decoded = { id: formDecode(raw.id), secret: formDecode(raw.secret) };
    const readings = headers.get('x-cf-encoded-credentials') === 'true' ? [decoded] : [raw, decoded];
    const distinct = readings.filter(
      (one, index) => readings.findIndex((other) => other.id === one.id && other.secret === one.secret) === index,
    );
    const formClientId = form.get('client_id');
    if (formClientId !== null && !distinct.some((one) => one.id === formClientId)) {
      throw invalidRequest('client_id differs from that of the Authorization header');
    }
    return distinct.map((one) => ({ id: one.id, secret: secret(one.secret), by: 'basic' }));
  }
  const id = form.get('client_id');
  if (id === null || id === '') throw badClient();
  return [{ id, secret: secret(form.get('client_secret') ?? ''), by: 'form' }];
}

function formDecode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

export interface ClientDeps {
  readonly clientById: (id: string) => Promise<ClientRow | undefined>;
  readonly checkLogin: CheckLogin;
}

/** Returns the authenticated client. @throws IssuerError `unauthorized`, the same for an unknown client and a wrong secret */
export async function authenticateClient(
  deps: ClientDeps,
  candidates: readonly ClientCredentials[],
  address: string,
): Promise<ClientRow> {
  for (const { id, secret: given } of candidates.filter((one) => isPlausibleName(one.id))) {
    const client = await deps.clientById(id);
    if (client === undefined && candidates.length > 1) continue;
    const login = { account: `client:${id}`, address, secret: given, verifier: client?.verifier };
    if ((await deps.checkLogin(login)) && client !== undefined) return client;
  }
  throw candidates[0]?.by === 'basic' ? badClient() : badCredentials();
}
