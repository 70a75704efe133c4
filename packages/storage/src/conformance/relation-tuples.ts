/** Conformance of relation tuples. */
import { randomUUID } from 'node:crypto';
import type { PlexsphereRecords, RelationTuple } from '@credplex/core';
import { describe, expect, test } from 'vitest';
import { at, audit, event, marksOf } from './plexsphere-fixtures.ts';

function tuple(resource: string, relation: string, subject: string): RelationTuple {
  const [type = '', rest = ''] = subject.split(':');
  const [id = '', set] = rest.split('#');
  const [resourceType = '', resourceId = ''] = resource.split(':');
  return {
    resource: { type: resourceType, id: resourceId },
    relation,
    subject: { type, id, ...(set === undefined ? {} : { relation: set }) },
  };
}

export function relationTuples(records: () => PlexsphereRecords): void {
  describe('relation tuples', () => {
    const add = (newTuple: RelationTuple) =>
      records().addTuple({
        tuple: { ...newTuple, id: randomUUID(), createdAt: at(0) },
        event: event('RelationTupleCreated', 'tuple'),
        audit: audit('add tuple'),
      });
    const neighbourhoodOf = (subject: string, ...resources: string[]) =>
      records().neighbourhood({
        subject: tuple('x:x', 'x', subject).subject,
        resources: resources.map((text) => tuple(text, 'x', 'x:x').resource),
        links: [['cloud', 'platform']],
      });

    test('are a set: each is added and removed once, with one event each', async () => {
      const membership = tuple('cloud:set', 'operator', 'user:set');
      expect([await add(membership), await add(membership)]).toEqual([true, false]);
      expect(await records().listTuples({ resource: membership.resource })).toMatchObject([membership]);
      expect(await records().listTuples({ subject: membership.subject })).toHaveLength(1);
      expect(await records().listTuples({ resource: membership.resource, subject: { type: 'user', id: 'x' } })).toEqual(
        [],
      );
      const remove = () =>
        records().removeTuple({ tuple: membership, event: event('RelationTupleDeleted', 'gone'), audit: audit('rm') });
      expect([await remove(), await remove()]).toEqual([true, false]);
      expect(await records().listTuples({ resource: membership.resource })).toEqual([]);
      expect((await marksOf(records())).filter((mark) => mark === 'gone')).toHaveLength(1);
    });

    test('of a neighbourhood are the memberships of the subject, the links of the resources and the edges between', async () => {
      const wanted = [
        tuple('group:inner', 'member', 'user:n'),
        tuple('group:outer', 'member', 'group:inner#member'),
        tuple('cloud:n', 'cloud_admin', 'group:outer#member'),
        tuple('cloud:n', 'platform', 'platform:plexsphere'),
        tuple('platform:plexsphere', 'auditor', 'user:n'),
      ];
      const others = [
        tuple('group:inner', 'member', 'user:other'),
        tuple('cloud:n', 'operator', 'user:other'),
        tuple('cloud:m', 'cloud_admin', 'user:n'),
        tuple('platform:plexsphere', 'admin', 'user:other'),
      ];
      for (const each of [...wanted, ...others]) await add(each);
      const order = (tuples: RelationTuple[]) => tuples.map((each) => JSON.stringify(each)).sort();
      expect(order(await neighbourhoodOf('user:n', 'cloud:n'))).toEqual(order(wanted));
      expect(await neighbourhoodOf('user:nobody', 'cloud:unknown')).toEqual([]);
      expect(await neighbourhoodOf('user:n')).toHaveLength(2);
    });

    test('may form a cycle', async () => {
      await add(tuple('group:a', 'member', 'group:b#member'));
      await add(tuple('group:b', 'member', 'group:a#member'));
      await add(tuple('group:a', 'member', 'user:circle'));
      expect(await neighbourhoodOf('user:circle', 'cloud:circle')).toHaveLength(3);
    });
  });
}
