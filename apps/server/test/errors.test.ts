/** Every error text of CredHub 2.15 with its status: golden/errors.json, sent to a server at level 2. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ErrorExample, errorExamples, fill, sameText } from './harness/error-examples.ts';
import { makeErrorFixtures } from './harness/error-fixtures.ts';
import { type ErrorDifference, expectedDifferences } from './harness/expected-differences.ts';
import type { Answer, Send } from './harness/http.ts';
import { clientClaims } from './harness/outside-uaa.ts';
import { startServer, type TestServer } from './harness/server.ts';

let server: TestServer;
let fixtures: Readonly<Record<string, string>>;
beforeAll(async () => {
  server = await startServer({ level: 2 });
  fixtures = await makeErrorFixtures(server);
});
afterAll(() => server?.stop());

function seconds(offset: number): number {
  return Math.floor(Date.now() / 1000) + offset;
}

/** The file's words for who asks. */
function authorization(auth: string): string | null {
  const { uaa, actors } = server;
  const actor = (name: string): string => {
    const found = actors[name];
    if (found === undefined || !('token' in found)) throw new Error(`no token of ${name}`);
    return `Bearer ${found.token}`;
  };
  const odd = (claims: object, how = {}): string => `Bearer ${uaa.token({ ...clientClaims('odd'), ...claims }, how)}`;
  const known: Readonly<Record<string, () => string | null>> = {
    'all operations on /*': () => actor('admin'),
    'authenticated, no permissions': () => actor('nobody'),
    none: () => null,
    'token expired one hour ago': () => actor('expired'),
    'Bearer abc': () => 'Bearer abc',
    'Bearer (empty)': () => 'Bearer ',
    'exp is a string': () => odd({ exp: 'tomorrow' }),
    'signed with another key': () => actor('badsig'),
    RS512: () => odd({}, { alg: 'RS512' }),
    'unknown kid': () => actor('unknownkey'),
    'alg none': () => actor('algnone'),
    'other issuer': () => actor('wrongissuer'),
    'nbf in 10 minutes': () => odd({ nbf: seconds(600) }),
    'exp before iat': () => odd({ iat: seconds(0), exp: seconds(-10) }),
    'scope credhub.read only': () => actor('readscope'),
  };
  const make = known[auth];
  if (make === undefined) throw new Error(`who is "${auth}"?`);
  return make();
}

const CERTIFICATES: Readonly<Record<string, string>> = {
  client_no_ou: 'app_no_ou',
  client_bad_ou: 'app_bad_ou',
  client_no_eku: 'app_no_eku',
};

function request(example: ErrorExample): Send {
  const filled = fill({ path: example.path, body: example.body }, fixtures);
  const certificate = example.client_certificate;
  const contentType = example.content_type === undefined ? {} : { 'content-type': example.content_type };
  return {
    method: example.method,
    path: filled.path,
    ...(filled.body === undefined || filled.body === null ? {} : { body: filled.body }),
    headers: { ...example.headers, ...contentType, authorization: authorization(example.auth) },
    ...(certificate === undefined ? {} : { as: server.actors[CERTIFICATES[certificate] ?? certificate] }),
    ...(example.key === 'INVALID_REMOTE_ADDRESS' ? { localAddress: '127.0.0.2' } : {}),
  };
}

async function send(example: ErrorExample): Promise<Answer> {
  const readOnly = example.key === 'READ_ONLY_MODE';
  const management = (on: boolean) => server.sendRaw('POST', '/management', { read_only_mode: on }, { as: null });
  if (readOnly) await management(true);
  try {
    return await server.client.sendRaw(request(example));
  } finally {
    if (readOnly) await management(false);
    // Examples that the recorded server refused and we fulfil must not be in the way of the next.
    for (const name of ['/fe/x', '/fe/c', '/fe/m1', '/fe/m2', '/fe/m3', '/fe/m4', '/a']) {
      if (example.method === 'GET') break;
      await server.sendRaw('DELETE', `/api/v1/data?name=${name}`);
    }
  }
}

function errorOf(answer: Answer): unknown {
  return (answer.json() as { error?: unknown }).error;
}

function compare(answer: Answer, { got }: ErrorExample): void {
  expect(answer.status, answer.text).toBe(got.status);
  const json = answer.text === '' ? {} : got.error === undefined ? {} : (answer.json() as Record<string, unknown>);
  for (const field of ['error', 'error_description'] as const) {
    const wanted = got[field];
    if (wanted !== undefined && !sameText(json[field], wanted)) expect(json[field]).toBe(wanted);
  }
  if (got.body === '') expect(answer.text).toBe('');
  if (got.content_type !== undefined) expect(answer.headers['content-type'] ?? null).toBe(got.content_type);
  if (got.allow !== undefined && got.allow !== null) {
    const methods = (text: string): string[] => text.split(/, */).sort();
    expect(methods(String(answer.headers.allow))).toEqual(methods(got.allow));
  }
  if (got.www_authenticate !== undefined) {
    const wanted = got.www_authenticate.replace('{host}', new URL(server.url).host);
    const actual = String(answer.headers['www-authenticate']);
    if (!sameText(actual, wanted)) expect(actual).toBe(wanted);
  }
}

/** What differs is as written, and does differ. */
function compareOtherwise(answer: Answer, { got }: ErrorExample, other: ErrorDifference): void {
  expect(answer.status, answer.text).toBe(other.status);
  if (other.error !== undefined) expect(errorOf(answer)).toBe(other.error);
  const type = answer.headers['content-type'] ?? null;
  if (other.content_type !== undefined) expect(type).toBe(other.content_type);
  const same = got.status === other.status && got.error === other.error && (got.content_type ?? null) === type;
  expect(same, 'nothing differs').toBe(false);
}

describe('errors.json at level 2', () => {
  for (const example of errorExamples) {
    const other = expectedDifferences.errors[example.title];
    test(other === undefined ? example.title : `${example.title} (otherwise: ${other.reason})`, async () => {
      const answer = await send(example);
      if (other === undefined) return compare(answer, example);
      compareOtherwise(answer, example, other);
    });
  }

  test('every expected difference names an example', () => {
    const known = new Set(errorExamples.map(({ title }) => title));
    expect(Object.keys(expectedDifferences.errors).filter((title) => !known.has(title))).toEqual([]);
  });
});
