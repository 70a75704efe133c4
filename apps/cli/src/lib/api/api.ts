import { CommandFailure, ServerFailure } from '../failure.ts';
import { compactJson } from '../format/json.ts';
import { field, isList, isNumber, isObject, textField, type Value } from '../format/json-tree.ts';
import { JsonSyntaxError, parseFirstJson, parseJson } from '../format/parse-json.ts';
import { BodyError } from '../network/failure.ts';
import type { HttpResponse } from '../network/transport.ts';
import { firstToken, refreshToken } from '../session/login.ts';
import { apiAddress, type Session, send } from '../session/session.ts';
import { dumpRequest, dumpResponse } from './debug-dump.ts';

interface ApiRequest {
  readonly method: string;
  /** Starts with a slash, already encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  /** Already encoded query, instead of `query`. */
  readonly search?: string;
  readonly body?: Value;
}

/** The CredHub API of a session's server. */
export interface Api {
  readonly session: Session;
  /** Sends with the login, which is refreshed once when it has expired. Any status is an answer. */
  send(request: ApiRequest): Promise<HttpResponse>;
  /**
   * The JSON answer of a request that succeeded; null for a DELETE that is answered with nothing.
   *
   * @throws ServerFailure with the server's sentence for any status outside 200 to 299.
   */
  call(request: ApiRequest): Promise<Value>;
  /** Sends without a login; only /info is open to everybody. */
  sendOpen(request: ApiRequest): Promise<HttpResponse>;
}

export function createApi(session: Session): Api {
  let refreshing: Promise<void> | undefined;
  const authorized = (request: ApiRequest): Promise<HttpResponse> =>
    exchange(session, request, { Authorization: `Bearer ${session.config.accessToken}` });
  const sendWithLogin = async (request: ApiRequest): Promise<HttpResponse> => {
    if (session.config.accessToken === '') await firstToken(session);
    const usedToken = session.config.accessToken;
    const answer = await authorized(request);
    if (!isExpired(answer)) return answer;
    // Of several requests at once only the first to notice refreshes; the others repeat with its new token.
    if (session.config.accessToken === usedToken) {
      refreshing ??= refreshToken(session).finally(() => {
        refreshing = undefined;
      });
      await refreshing;
    }
    return authorized(request);
  };
  return {
    session,
    send: sendWithLogin,
    sendOpen: (request) => exchange(session, request, {}),
    call: async (request) => {
      const answer = await sendWithLogin(request).catch((error: unknown) => {
        throw error instanceof BodyError ? notDecoded(error.message) : error;
      });
      // Only what was deleted may be answered with nothing.
      if (request.method === 'DELETE' && isSuccess(answer) && answer.body.length === 0) return null;
      return readAnswer(answer);
    },
  };
}

function exchange(session: Session, request: ApiRequest, extra: Record<string, string>): Promise<HttpResponse> {
  const query = request.search ?? encodeQuery(request.query ?? {});
  const target = request.path + (query === '' ? '' : `?${query}`);
  const headers = { 'Content-Type': 'application/json' };
  const body = request.body === undefined ? undefined : compactJson(request.body);
  const url = apiAddress(session.config, target);
  const debug = session.host.env.CREDHUB_DEBUG === 'true';
  // Printed before the Authorization header is set, so that the token does not show
  // (docs/reference/credhub-cli.md#requests).
  if (debug) session.host.out(dumpRequest(request.method, url, headers, body));
  const answer = send(session, {
    method: request.method,
    url,
    headers: { ...headers, ...extra },
    ...(body === undefined ? {} : { body }),
  });
  if (!debug) return answer;
  return answer.then((response) => {
    session.host.out(dumpResponse(response));
    return response;
  });
}

/** Sorted by key; blanks are `+` and slashes `%2F`, as in Go's url.Values. */
export function encodeQuery(query: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(query)
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => `${escapeQuery(name)}=${escapeQuery(value)}`)
    .join('&');
}

function escapeQuery(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}

function isExpired(answer: HttpResponse): boolean {
  if (answer.status < 400) return false;
  try {
    return textField(parseJson(answer.body.toString('utf8')), 'error') === 'access_token_expired';
  } catch {
    return false;
  }
}

/** @throws ServerFailure as Api.call does. */
export function readAnswer(answer: HttpResponse): Value {
  const document = decoded(answer.body.toString('utf8'));
  if (isSuccess(answer)) return document;
  const error = errorField(document, 'error');
  const description = errorField(document, 'error_description');
  const both = answer.status !== 404 && description !== '';
  throw new ServerFailure(answer.status, both ? `${error}: ${description}` : error);
}

const isSuccess = ({ status }: HttpResponse): boolean => status >= 200 && status <= 299;

/** A text of the server's error; one that is no text makes the whole answer unreadable, as in the original. */
function errorField(document: Value, name: string): string {
  if (document !== null && !isObject(document)) throw wrongKind(document, 'Go value of type credhub.Error');
  const value = field(document, name) ?? '';
  if (typeof value !== 'string') throw wrongKind(value, `Go struct field Error.${name} of type string`);
  return value;
}

function decoded(text: string): Value {
  try {
    return parseFirstJson(text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw notDecoded(error.message);
  }
}

function notDecoded(reason: string): CommandFailure {
  return new CommandFailure(`The response body could not be decoded: ${reason}`);
}

/**
 * The credentials in the `data` of an answer.
 *
 * @throws CommandFailure when there are none, or when the answer has another shape.
 */
export function credentialsIn(document: Value): readonly Value[] {
  if (document !== null && !isObject(document)) {
    throw wrongKind(document, 'Go value of type map[string][]json.RawMessage');
  }
  for (const [, value] of document?.entries ?? []) {
    if (!isList(value) && value !== null) throw wrongKind(value, 'Go value of type []json.RawMessage');
  }
  const data = field(document, 'data');
  if (!isList(data) || data.length === 0) throw new CommandFailure('response did not contain any credentials');
  return data;
}

/** `wanted` is what the original would have liked to fill. */
function wrongKind(value: Value, wanted: string): CommandFailure {
  const kind = isList(value)
    ? 'array'
    : isNumber(value)
      ? 'number'
      : typeof value === 'boolean'
        ? 'bool'
        : typeof value;
  return notDecoded(`json: cannot unmarshal ${kind} into ${wanted}`);
}
