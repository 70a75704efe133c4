import { expect, expectTypeOf, test } from 'vitest';
import type { CredhubRoutes } from './credhub/routes.ts';
import { documents } from './documents.ts';
import type { PlexsphereRoutes } from './plexsphere/routes.ts';
import type { QueryInput, QueryValues } from './query.ts';

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema: { readonly type?: string };
}
type Operations = Record<string, Record<string, { readonly parameters?: readonly Parameter[] }>>;

test('OpenAPI gives each query parameter the type of its value', () => {
  const types = Object.values(documents()).flatMap(({ paths }) =>
    Object.values(paths as Operations).flatMap((methods) =>
      Object.values(methods).flatMap(({ parameters = [] }) =>
        parameters.flatMap((one) => (one.in === 'query' ? [`${one.name}: ${one.schema.type}`] : [])),
      ),
    ),
  );
  expect([...new Set(types)].sort()).toEqual([
    'actor: string',
    'credential_name: string',
    'current: boolean',
    'cursor: string',
    'expires-within-days: integer',
    'limit: integer',
    'name-like: string',
    'name: string',
    'path: string',
    'paths: boolean',
    'versions: integer',
  ]);
});

test('handlers get and clients send values, not texts', () => {
  type Get = CredhubRoutes['getCredentials']['query'];
  type ByName = Extract<QueryValues<Get>, { variant: 'byName' }>;
  expectTypeOf<ByName['name']>().toEqualTypeOf<string>();
  expectTypeOf<ByName['current']>().toEqualTypeOf<boolean | undefined>();
  expectTypeOf<{ name: string; versions: number }>().toExtend<QueryInput<Get>>();
  expectTypeOf<{ name: string; versions: string }>().not.toExtend<QueryInput<Get>>();
  expectTypeOf<QueryInput<PlexsphereRoutes['listClouds']['query']>['limit']>().toEqualTypeOf<number | undefined>();
});
