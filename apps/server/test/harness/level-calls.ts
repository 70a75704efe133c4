/** Short calls for tests that compare the levels. */
import type { TestServer } from './server.ts';

export type Json = Record<string, unknown>;
export const DATA = '/api/v1/data';

let count = 0;
/** Returns a name that no test has used. */
export const fresh = (): string => {
  count += 1;
  return `/levels/${count}/name`;
};

/** Returns status and body, as `admin` unless another actor is given. */
export async function call(server: TestServer, method: string, path: string, body?: unknown, as = 'admin') {
  const answer = await server.send(method, path, body, { as });
  return { status: answer.status, body: (answer.text === '' ? undefined : answer.json()) as Json };
}
export const set = (server: TestServer, body: Json, as?: string) =>
  call(server, 'PUT', DATA, { type: 'value', value: 'v', ...body }, as);
export const generate = (server: TestServer, body: Json, as?: string) =>
  call(server, 'POST', DATA, { type: 'password', ...body }, as);
export const get = (server: TestServer, name: string, as?: string) =>
  call(server, 'GET', `${DATA}?name=${name}`, undefined, as);
export const statuses = async (...calls: Promise<{ status: number }>[]) =>
  (await Promise.all(calls)).map(({ status }) => status);
