import { randomUUID } from 'node:crypto';
import type { WriteRequest } from '@credplex/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { as, certificate, version, write } from '../conformance/fixtures.ts';
import { type Database, openDatabase } from '../postgres/database.ts';
import { createDatabase } from '../testing/index.ts';
import { compileWrites } from './write-statement.ts';

let db: Database;
beforeAll(async () => {
  db = openDatabase(await createDatabase());
});
afterAll(() => db.close());

/** Each choice that leaves parts of the statement out, and parameters with them. */
const choices = {
  expect: ['any', 'absent', { credentialId: randomUUID(), seq: null }, { credentialId: randomUUID(), seq: 1 }],
  creation: ['needs_write', 'anyone_and_owns'],
  actor: [null, 'uaa-client:test'],
  certificate: [false, true],
  intent: [undefined, randomUUID()],
  grants: [[], [{ path: '/a', actor: 'uaa-user:x', operations: ['read'] }]],
} as const;

function* shapes(): Generator<WriteRequest> {
  for (const expected of choices.expect)
    for (const creation of choices.creation)
      for (const actor of choices.actor)
        for (const isCertificate of choices.certificate)
          for (const intent of choices.intent)
            for (const grants of choices.grants)
              yield write(`/${randomUUID()}`, {
                access: as(actor as string),
                creation,
                expect: expected,
                version: isCertificate ? certificate() : version(),
                ...(intent === undefined ? {} : { intent }),
                grants: [...grants],
              });
}

describe('the write of one version', () => {
  test('is a statement that PostgreSQL can plan, whatever is left out of it', async () => {
    const pickWrite = compileWrites();
    for (const request of shapes()) {
      const { statement, values } = pickWrite(request);
      const rows = await db.write(statement, values).catch((error: unknown) => error);
      const { expect: expected, creation, intent } = request;
      const { actor } = request.access;
      const named = JSON.stringify({ expected, creation, actor, intent, grants: request.grants.length });
      const writes = typeof expected === 'string' && intent === undefined;
      expect(rows, named).toHaveLength(writes && (actor === null || creation === 'anyone_and_owns') ? 1 : 0);
    }
  });
});
