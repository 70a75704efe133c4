/** Short calls for tests that compare the levels. */
import type { RequestBody } from '@credplex/contract/client';
import type { ApiRoutes } from './http.ts';
import type { TestServer } from './server.ts';

export type Json = Record<string, unknown>;
export const DATA = '/api/v1/data';

type Named = { readonly name: string };
type SetBody = Named & Partial<RequestBody<ApiRoutes, 'PUT /api/v1/data'>>;
type GenerateBody = Named & Partial<RequestBody<ApiRoutes, 'POST /api/v1/data'>>;

let count = 0;
/** Returns a name that no test has used. */
export const fresh = (): string => {
  count += 1;
  return `/levels/${count}/name`;
};

/** Returns status and body of a request that no route describes, as `admin` unless another actor is given. */
export async function callRaw(server: TestServer, method: string, path: string, body?: unknown, as = 'admin') {
  const answer = await server.sendRaw(method, path, body, { as });
  return { status: answer.status, body: (answer.text === '' ? undefined : answer.json()) as Json };
}
export async function set(server: TestServer, body: SetBody, as = 'admin') {
  const answer = await server.as(as)('PUT /api/v1/data', { body: { type: 'value', value: 'v', ...body } });
  return { status: answer.status, body: answer.body as unknown as Json };
}
export async function generate(server: TestServer, body: GenerateBody, as = 'admin') {
  const answer = await server.as(as)('POST /api/v1/data', { body: { type: 'password', ...body } });
  return { status: answer.status, body: answer.body as unknown as Json };
}
export async function get(server: TestServer, name: string, as = 'admin') {
  const answer = await server.as(as)('GET /api/v1/data', { query: { name } });
  return { status: answer.status, body: answer.body as unknown as Json };
}
/** Sets with a body that only one of the levels takes, or none. */
export const setRaw = (server: TestServer, body: Json, as?: string) =>
  callRaw(server, 'PUT', DATA, { type: 'value', value: 'v', ...body }, as);
/** Generates with a body that only one of the levels takes, or none. */
export const generateRaw = (server: TestServer, body: Json, as?: string) =>
  callRaw(server, 'POST', DATA, { type: 'password', ...body }, as);
export const statuses = async (...calls: Promise<{ status: number }>[]) =>
  (await Promise.all(calls)).map(({ status }) => status);
