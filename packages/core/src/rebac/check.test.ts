import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RelationTuple } from '../ports/plexsphere.ts';
import { decide, graphOf } from './check.ts';
import { parseObject, parseSubject, parseTuple } from './ref.ts';
import { linkRelations, REBAC_SCHEMA } from './schema.ts';

function tuples(...texts: string[]): RelationTuple[] {
  return texts.map((text) => {
    const tuple = parseTuple(text);
    if (tuple === undefined) throw new TypeError(text);
    return tuple;
  });
}

function ask(graph: RelationTuple[], subject: string, relation: string, resource: string) {
  const [who, what] = [parseSubject(subject), parseObject(resource)];
  if (who === undefined || what === undefined) throw new TypeError(subject + resource);
  return decide(graphOf(graph), who, relation, what);
}

const LINK = 'cloud:c#platform@platform:plexsphere';

describe('a cloud', () => {
  test('its administrator may do everything, and the path names the edge', () => {
    const graph = tuples(LINK, 'cloud:c#cloud_admin@user:u');
    for (const relation of ['manage', 'operate', 'observe', 'read', 'assign', 'cloud_admin'])
      expect(ask(graph, 'user:u', relation, 'cloud:c')).toEqual({ allowed: true, path: ['cloud:c#cloud_admin'] });
  });

  test.each([
    ['operator', ['operate', 'observe', 'read'], ['manage', 'assign']],
    ['auditor', ['observe', 'read'], ['manage', 'assign', 'operate']],
  ])('its %s may %j and not %j', (relation, may, mayNot) => {
    const graph = tuples(LINK, `cloud:c#${relation}@user:u`);
    for (const asked of may) expect(ask(graph, 'user:u', asked, 'cloud:c').allowed).toBe(true);
    for (const asked of mayNot)
      expect(ask(graph, 'user:u', asked, 'cloud:c')).toEqual({
        allowed: false,
        reason: 'insufficient_relation',
        path: [`cloud:c#${relation}`],
      });
  });

  test("the platform's administrator observes and assigns but does not manage it", () => {
    const graph = tuples(LINK, 'platform:plexsphere#admin@user:u');
    expect(ask(graph, 'user:u', 'observe', 'cloud:c')).toEqual({
      allowed: true,
      path: ['platform:plexsphere#admin', 'cloud:c#platform'],
    });
    expect(ask(graph, 'user:u', 'assign', 'cloud:c').allowed).toBe(true);
    expect(ask(graph, 'user:u', 'manage', 'cloud:c')).toMatchObject({
      allowed: false,
      reason: 'insufficient_relation',
    });
  });

  test("nobody reaches one without its link, the platform's administrator included", () => {
    const graph = tuples('platform:plexsphere#admin@user:u');
    for (const relation of Object.keys(REBAC_SCHEMA.cloud?.permissions ?? {}))
      expect(ask(graph, 'user:u', relation, 'cloud:c')).toEqual({ allowed: false, reason: 'out_of_scope', path: [] });
  });
});

describe('a group', () => {
  test('brings its members in, also through another group', () => {
    const graph = tuples(
      LINK,
      'cloud:c#cloud_admin@group:g#member',
      'group:g#member@group:h#member',
      'group:h#member@user:u',
    );
    expect(ask(graph, 'user:u', 'manage', 'cloud:c')).toEqual({
      allowed: true,
      path: ['group:h#member', 'group:g#member', 'cloud:c#cloud_admin'],
    });
    expect(ask(graph, 'user:v', 'manage', 'cloud:c')).toMatchObject({ allowed: false, reason: 'out_of_scope' });
  });

  test('that contains itself ends', () => {
    const graph = tuples(
      'cloud:c#cloud_admin@group:g#member',
      'group:g#member@group:h#member',
      'group:h#member@group:g#member',
    );
    expect(ask(graph, 'user:u', 'manage', 'cloud:c').allowed).toBe(false);
  });

  test('as a subject itself holds what was given to it', () => {
    const graph = tuples('cloud:c#cloud_admin@group:g#member');
    expect(ask(graph, 'group:g#member', 'manage', 'cloud:c').allowed).toBe(true);
    expect(ask(graph, 'group:g', 'manage', 'cloud:c').allowed).toBe(false);
  });
});

test('a credential is assigned by who may assign its cloud', () => {
  const graph = tuples('cloudcredential:k#parent@cloud:c', LINK, 'cloud:c#cloud_admin@user:u');
  expect(ask(graph, 'user:u', 'assign', 'cloudcredential:k').allowed).toBe(true);
  expect(ask(graph, 'user:v', 'assign', 'cloudcredential:k').allowed).toBe(false);
});

test.each([
  ['user:u', 'fly', 'cloud:c'],
  ['user:u', 'manage', 'starship:c'],
  ['martian:u', 'manage', 'cloud:c'],
  ['user:u', 'constructor', 'cloud:c'],
  ['user:u', 'manage', 'constructor:c'],
])('%s %s %s: what the schema does not know is denied as unknown', (subject, relation, resource) => {
  expect(ask(tuples(LINK), subject, relation, resource)).toEqual({ allowed: false, reason: 'unknown', path: [] });
});

test('more tuples never take a permission away, and no question hangs', () => {
  const refs = ['user:a', 'user:b', 'group:g#member', 'group:h#member', 'platform:plexsphere', 'cloud:c', 'cloud:d'];
  const sets = [
    'group:g#member',
    'group:h#member',
    'cloud:c#cloud_admin',
    'cloud:c#platform',
    'cloud:d#auditor',
    'platform:plexsphere#admin',
  ];
  const text = fc.tuple(fc.constantFrom(...sets), fc.constantFrom(...refs)).map(([set, ref]) => `${set}@${ref}`);
  fc.assert(
    fc.property(fc.array(text, { maxLength: 10 }), text, (few, more) => {
      for (const relation of ['manage', 'observe', 'assign'])
        if (ask(tuples(...few), 'user:a', relation, 'cloud:c').allowed)
          expect(ask(tuples(...few, more), 'user:a', relation, 'cloud:c').allowed).toBe(true);
    }),
  );
});

test('every rule of the schema names something that exists', () => {
  for (const [type, { relations, permissions }] of Object.entries(REBAC_SCHEMA))
    for (const rule of Object.values(permissions).flat()) {
      const [link = '', permission] = rule.split('->');
      expect([...Object.keys(relations), ...Object.keys(permissions)], type).toContain(link);
      if (permission === undefined) continue;
      for (const target of relations[link] ?? [])
        expect(Object.keys({ ...REBAC_SCHEMA[target]?.permissions, ...REBAC_SCHEMA[target]?.relations })).toContain(
          permission,
        );
    }
  expect(linkRelations()).toEqual([
    ['cloud', 'platform'],
    ['cloudcredential', 'parent'],
  ]);
});
