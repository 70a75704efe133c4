import { expect, test } from 'vitest';
import { type CredhubTransport, createCredhubClient } from './client.ts';

/** Returns a client whose requests are kept, and that is answered with nothing. */
function recordingClient() {
  const sent: (readonly [string, string, string | undefined])[] = [];
  const transport: CredhubTransport = async ({ method, target, body }) => {
    sent.push([method, target, body]);
    const bytes = Buffer.from('{}');
    const http = { status: 200, reason: 'OK', headers: {}, rawHeaders: [], body: bytes };
    return { ...http, bytes, header: () => undefined };
  };
  return { client: createCredhubClient(transport), sent };
}

test('a query is sorted and escaped as Go does it, and an integer keeps all its digits', async () => {
  const { client, sent } = recordingClient();
  await client('GET /api/v1/data', { query: { versions: 9_223_372_036_854_775_807n, name: "/a b/ü!'()*~" } });
  await client('GET /api/v1/certificates/', { query: {} });
  expect(sent.map(([, target]) => target)).toEqual([
    '/api/v1/data?name=%2Fa+b%2F%C3%BC%21%27%28%29%2A~&versions=9223372036854775807',
    '/api/v1/certificates/',
  ]);
});

test('a body is written as Go does it', async () => {
  const { client, sent } = recordingClient();
  await client('PUT /api/v1/data', { body: { name: '/a', type: 'value', value: '<&>' } });
  expect(sent).toEqual([['PUT', '/api/v1/data', '{"name":"/a","type":"value","value":"\\u003c\\u0026\\u003e"}']]);
});

test('a path, a parameter, a query or a body that no route has does not compile', async () => {
  const { client, sent } = recordingClient();
  // @ts-expect-error because there is no such path
  await client('GET /api/v1/datas');
  // @ts-expect-error because the parameter is called id
  await client('GET /api/v1/data/{id}', { params: { uuid: '1' } });
  // @ts-expect-error because no query of this route has that name
  await client('GET /api/v1/data', { query: { title: '/a' } });
  // @ts-expect-error because the body lacks its type
  await client('PUT /api/v1/data', { body: { name: '/a', value: 'v' } });
  expect(sent).toHaveLength(4);
});
