/**
 * What a user writes against the types that openapi-typescript generates from docs/reference/openapi/credhub.json. It is
 * compiled beside `credhub.ts`, the generated file, and not as a part of this repository.
 */
import createClient from 'openapi-fetch';
import type { components, paths } from './credhub.ts';

const { BASE_URL: baseUrl = '', TOKEN = '' } = process.env;
const client = createClient<paths>({ baseUrl, headers: { authorization: `Bearer ${TOKEN}` } });

const { data: set } = await client.PUT('/api/v1/data', {
  body: { type: 'password', name: '/generated/client', value: 'first', metadata: { by: 'a generated client' } },
});
const { data: generated } = await client.POST('/api/v1/data', {
  body: { type: 'password', name: '/generated/client', parameters: { length: 12 }, mode: 'overwrite' },
});
if (generated?.type !== 'password') throw new Error('the answer is told apart by its type');
const value: string = generated.value;

const { data: found } = await client.GET('/api/v1/data', {
  params: { query: { name: '/generated/client', versions: 2 } },
});
const { error } = await client.GET('/api/v1/data', { params: { query: { name: '/generated/none', current: true } } });

const operations: components['schemas']['Operation'][] = ['read', 'write'];
const { data: permission } = await client.POST('/api/v2/permissions', {
  body: { path: '/generated/*', actor: 'uaa-client:generated', operations },
});
const { data: deleted } = await client.DELETE('/api/v2/permissions/{uuid}', {
  params: { path: { uuid: permission?.uuid ?? '' } },
});
const { response } = await client.DELETE('/api/v1/data', { params: { query: { name: '/generated/client' } } });

export function refusedByTheCompiler() {
  return [
    // @ts-expect-error because versions is an integer
    client.GET('/api/v1/data', { params: { query: { name: '/a', versions: '2' } } }),
    // @ts-expect-error because there is no such type
    client.PUT('/api/v1/data', { body: { type: 'word', name: '/a', value: 'x' } }),
    // @ts-expect-error because the name is missing
    client.POST('/api/v1/regenerate', { body: { metadata: null } }),
    // @ts-expect-error because there is no such operation
    client.POST('/api/v2/permissions', { body: { path: '/a', actor: 'b', operations: ['grant'] } }),
  ];
}

const versions = found !== undefined && 'data' in found ? found.data.length : 0;
const seen = { set: set?.type, length: value.length, versions, error: error?.error, deleted, status: response.status };
process.stdout.write(JSON.stringify(seen));
