import type { CredhubRoutes } from '@credplex/contract';
import type { AnswerBody, SuccessBody } from '@credplex/contract/client';
import { CommandFailure, ServerFailure } from '../failure.ts';
import { type Document, documentOf } from '../format/document.ts';
import { field, isList, isNumber, isObject, type Value } from '../format/json-tree.ts';
import { JsonSyntaxError, parseFirstJson } from '../format/parse-json.ts';
import type { HttpResponse } from '../network/transport.ts';

/** A reply of the client: the status, and the answer with its exact bytes. */
interface Reply {
  readonly status: number;
  readonly response: HttpResponse;
}

/**
 * Returns the JSON of a reply, read from its bytes so that keys and digits stay as they are.
 *
 * @throws ServerFailure with the server's sentence for any status outside 200 to 299.
 * @throws CommandFailure when the answer is not JSON.
 */
export function readReply<R extends Reply>({ response }: R): Document<SuccessBody<R>> {
  const document = decodeBody(response.body.toString('utf8'));
  if (isSuccess(response)) return documentOf(document);
  const error = errorField(document, 'error');
  const description = errorField(document, 'error_description');
  const both = response.status !== 404 && description !== '';
  throw new ServerFailure(response.status, both ? `${error}: ${description}` : error);
}

export function isSuccess({ status }: { readonly status: number }): boolean {
  return status >= 200 && status <= 299;
}

/** Returns a text field of the server's error. As in the original, a field of another type is a decoding error. */
function errorField(document: Value, name: string): string {
  if (document !== null && !isObject(document)) throw wrongKind(document, 'Go value of type credhub.Error');
  const value = field(document, name) ?? '';
  if (typeof value !== 'string') throw wrongKind(value, `Go struct field Error.${name} of type string`);
  return value;
}

function decodeBody(text: string): Value {
  try {
    return parseFirstJson(text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw notDecoded(error.message);
  }
}

export function notDecoded(reason: string): CommandFailure {
  return new CommandFailure(`The response body could not be decoded: ${reason}`);
}

type CredentialsAnswer = AnswerBody<CredhubRoutes, 'GET /api/v1/data'>;
/** A credential object as a get by id answers it. */
export type Credential = AnswerBody<CredhubRoutes, 'GET /api/v1/data/{id}'>;

/**
 * Returns the credentials in the `data` of an answer; at least one.
 *
 * @throws CommandFailure when there are none, or when the answer has another shape.
 */
export function credentialsIn(document: Document<CredentialsAnswer>): readonly Document<Credential>[] {
  if (document !== null && !isObject(document)) {
    throw wrongKind(document, 'Go value of type map[string][]json.RawMessage');
  }
  for (const [, value] of document?.entries ?? []) {
    if (!isList(value) && value !== null) throw wrongKind(value, 'Go value of type []json.RawMessage');
  }
  const data = field(document, 'data');
  if (!isList(data) || data.length === 0) throw new CommandFailure('response did not contain any credentials');
  return data.map((credential) => documentOf(credential));
}

/** Returns the original's decoding error; `wanted` is the Go type in its message. */
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
