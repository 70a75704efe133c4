/** Like `credhub-program.ts`, for docs/reference/openapi/plexsphere.json. */
import createClient from 'openapi-fetch';
import type { paths } from './plexsphere.ts';

const { BASE_URL: baseUrl = '', TOKEN = '' } = process.env;
const client = createClient<paths>({ baseUrl, headers: { authorization: `Bearer ${TOKEN}` } });

const { data: whoami } = await client.GET('/v1/auth/whoami');
const { data: cloud } = await client.POST('/v1/clouds', {
  body: {
    display_name: 'Generated',
    slug: 'generated',
    provider: 'aws',
    endpoint: { region: 'eu-central-1' },
    region_defaults: {},
    external_id: '1',
  },
});
const { data: page } = await client.GET('/v1/clouds', { params: { query: { limit: 1 } } });
const body = { display_name: 'key', payload: 'c2VjcmV0', key_values: { user: 'a' } };
const params = { path: { id: cloud?.id ?? '' } };
const { data: credential } = await client.POST('/v1/clouds/{id}/cloud-credentials', {
  params,
  body,
});
const { error } = await client.GET('/v1/clouds/{id}', { params: { path: { id: 'none' } } });

export function refusedByTheCompiler() {
  return [
    // @ts-expect-error because limit is an integer
    client.GET('/v1/clouds', { params: { query: { limit: '1' } } }),
    // @ts-expect-error because the values of key_values are texts
    client.POST('/v1/clouds/{id}/cloud-credentials', { params, body: { ...body, key_values: { user: 1 } } }),
  ];
}

const problem = error !== undefined && 'code' in error ? error.code : undefined;
const seen = {
  kind: whoami?.principal_type,
  slugs: page?.items.map(({ slug }) => slug),
  status: credential?.status,
  problem,
};
process.stdout.write(JSON.stringify(seen));
