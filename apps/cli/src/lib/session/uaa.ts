import { CommandFailure } from '../failure.ts';
import { goQuote } from '../format/go-quote.ts';
import { field, isList, textField, type Value } from '../format/json-tree.ts';
import { parseFirstJson, parseJson } from '../format/parse-json.ts';
import type { HttpResponse } from '../network/transport.ts';

/** A refusal of the token endpoint. `error` is its code; the message is `{error} {error_description}`. */
export class UaaRefusal extends CommandFailure {
  override readonly name = 'UaaRefusal';
  readonly error: string;
  constructor(error: string, description: string) {
    super(description === '' ? error : `${error} ${description}`);
    this.error = error;
  }
}

export interface Tokens {
  readonly accessToken: string;
  /** Empty for client credentials. */
  readonly refreshToken: string;
}

/** Sends to the authorization server, whose address stands before `path`. */
export type SendToUaa = (request: {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}) => Promise<HttpResponse>;

// The public client that every CredHub installation registers for its command line.
const PUBLIC_CLIENT = { client_id: 'credhub_cli', client_secret: '' };

export function passwordGrant(send: SendToUaa, username: string, password: string): Promise<Tokens> {
  return grant(send, { ...PUBLIC_CLIENT, grant_type: 'password', password, username });
}

export function passcodeGrant(send: SendToUaa, passcode: string): Promise<Tokens> {
  return grant(send, { ...PUBLIC_CLIENT, grant_type: 'password', passcode });
}

export function refreshGrant(send: SendToUaa, refreshToken: string): Promise<Tokens> {
  return grant(send, { ...PUBLIC_CLIENT, grant_type: 'refresh_token', refresh_token: refreshToken });
}

export function clientGrant(send: SendToUaa, client: { id: string; secret: string }): Promise<Tokens> {
  return grant(send, { client_id: client.id, client_secret: client.secret, grant_type: 'client_credentials' });
}

/** @throws UaaRefusal, or NetworkError, or JsonSyntaxError when the answer is no JSON. */
async function grant(send: SendToUaa, fields: Readonly<Record<string, string>>): Promise<Tokens> {
  const form = new URLSearchParams({ ...fields, response_type: 'token' });
  form.sort();
  const answer = await send({
    method: 'POST',
    path: '/oauth/token',
    headers: { Accept: 'application/json', 'Content-Type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
  });
  const document = parseFirstJson(answer.body.toString('utf8'));
  if (answer.status < 200 || answer.status > 299) {
    throw new UaaRefusal(textField(document, 'error') ?? '', textField(document, 'error_description') ?? '');
  }
  return {
    accessToken: textField(document, 'access_token') ?? '',
    refreshToken: textField(document, 'refresh_token') ?? '',
  };
}

/** Asks the authorization server about itself. */
export function askUaa(send: SendToUaa): Promise<HttpResponse> {
  return send({ method: 'GET', path: '/info', headers: { Accept: 'application/json' } });
}

/** What to ask the user who logs in with a passcode. */
export async function passcodePrompt(send: SendToUaa): Promise<string> {
  const answer = await askUaa(send);
  if (answer.status !== 200) throw new CommandFailure('unable to fetch metadata successfully');
  const document = parseFirstJson(answer.body.toString('utf8'));
  const prompt = field(field(document, 'prompts'), 'passcode');
  const question = isList(prompt) && prompt.length === 2 ? prompt[1] : undefined;
  if (typeof question === 'string') return question;
  const login = textField(field(document, 'links'), 'login') || 'https://login.system.example.com';
  return `One Time Code ( Get one at ${login}/passcode )`;
}

/**
 * Revokes a token at the authorization server.
 *
 * @throws CommandFailure when the token has no `jti`, or the server refuses.
 */
export async function revokeToken(send: SendToUaa, token: string): Promise<void> {
  const jti = tokenId(token);
  const answer = await send({
    method: 'DELETE',
    path: `/oauth/token/revoke/${jti}`,
    headers: { Authorization: `Bearer ${token}` },
  });
  if (answer.status >= 200 && answer.status <= 299) return;
  const body = goQuote(answer.body.toString('utf8'));
  throw new CommandFailure(`Received HTTP ${answer.status} error while revoking token from auth server: ${body}`);
}

function tokenId(token: string): string {
  const segments = token.split('.');
  const payload = segments[1];
  if (segments.length < 3 || payload === undefined) throw new CommandFailure('access token missing segments');
  if (!/^[A-Za-z0-9_-]*$/.test(payload) || payload.length % 4 === 1)
    throw new CommandFailure('could not base64 decode token payload');
  let id: Value | undefined;
  try {
    id = field(parseJson(Buffer.from(payload, 'base64url').toString('utf8')), 'jti');
  } catch {
    id = undefined;
  }
  if (typeof id !== 'string') throw new CommandFailure('could not parse jti from payload');
  return encodeURIComponent(id);
}
