import { LEVELS } from '@credplex/core';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { createComponents } from './components.ts';
import { credhubApi } from './credhub/index.ts';
import { documents } from './documents.ts';
import { plexsphereApi } from './plexsphere/index.ts';

interface Operation {
  readonly operationId: string;
  readonly description: string;
  readonly parameters?: readonly { readonly in: string; readonly name: string; readonly description?: string }[];
  readonly responses: Readonly<Record<string, object>>;
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: Schema; readonly example: unknown }>>;
  };
}
interface Schema {
  readonly $ref?: string;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly type?: string;
  readonly additionalProperties?: unknown;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const all = documents() as unknown as Record<string, Document>;
function operationsOf({ paths }: Document): Operation[] {
  return Object.values(paths).flatMap((path) => Object.values(path));
}

describe.each([
  ['credhub', credhubApi(LEVELS[2])],
  ['credhub-level-1', credhubApi(LEVELS[1])],
  ['plexsphere', plexsphereApi],
])('the document of %s', (name, api) => {
  const document = all[name] as Document;

  test('describes each operation and query parameter', () => {
    for (const { operationId, description, parameters = [] } of operationsOf(document)) {
      expect(description, operationId).toMatch(/^.{20,}\.$/);
      for (const one of parameters)
        if (one.in === 'query') expect(one.description, `${operationId} ${one.name}`).toBeTruthy();
    }
  });

  test('has an example of each body and of each answer with a body, which its schema takes', () => {
    for (const spec of Object.values(api.routes)) {
      const example = api.examples[spec.id];
      if (spec.body) expect(spec.body.safeParse(example?.body), spec.id).toMatchObject({ success: true });
      const answer = spec.responses[200] ?? spec.responses[201];
      if (answer) expect(answer.safeParse(example?.answer), spec.id).toMatchObject({ success: true });
      for (const value of Object.values(example?.params ?? {})) expect(value).not.toBe('');
      if (spec.params) expect(spec.params.safeParse(example?.params), spec.id).toMatchObject({ success: true });
    }
  });

  test('says that a body refuses unknown fields, except where every key is data', () => {
    const membersOf = (schema: Schema): Schema[] => {
      const { $ref } = schema;
      const found = $ref === undefined ? schema : (document.components.schemas[$ref.split('/').at(-1) ?? ''] ?? {});
      const members = found.oneOf ?? found.anyOf;
      return members ? members.flatMap(membersOf) : [found];
    };
    for (const { operationId, requestBody } of operationsOf(document)) {
      const schema = requestBody?.content['application/json']?.schema;
      if (schema === undefined || operationId === 'interpolate') continue;
      for (const member of membersOf(schema))
        expect(member, operationId).toMatchObject({ additionalProperties: false });
    }
  });

  test('refers to components that exist', () => {
    const text = JSON.stringify(document);
    for (const [, target = ''] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      expect(document.components.schemas).toHaveProperty(target);
    }
    expect(text).not.toContain('$defs');
  });
});

test('each level documents its own parameters, statuses and answers', () => {
  const at = (name: string) => (all[name] as Document).paths;
  const names = (name: string) => at(name)['/api/v1/data']?.['get']?.parameters?.map((parameter) => parameter.name);
  expect([names('credhub'), names('credhub-level-1')]).toEqual([
    ['path', 'name-like', 'expires-within-days', 'name', 'current', 'versions'],
    ['path', 'name-like', 'expires-within-days', 'paths', 'name', 'current', 'versions'],
  ]);
  const answers = (name: string) => at(name)['/api/v1/permissions']?.['post']?.responses;
  expect(answers('credhub')).toMatchObject({ 201: { description: 'Created' }, 422: {} });
  expect(answers('credhub')?.['201']).not.toHaveProperty('content');
  expect(answers('credhub-level-1')?.['201']).toHaveProperty('content');
  expect(answers('credhub-level-1')).not.toHaveProperty('422');
});

test('two schemas with one name and another shape are refused', () => {
  const { schemaOf } = createComponents();
  const withDefault = z.strictObject({ a: z.string().default('x') }).meta({ id: 'InAndOut' });
  schemaOf(withDefault, 'input');
  expect(() => schemaOf(withDefault, 'output')).toThrow('two schemas are called InAndOut');
});
