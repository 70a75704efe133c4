/** What the checks of the API document's tables work with: a server at level 1, and names that nothing else uses. */
import { expect } from 'vitest';
import { recordedFixtures } from '../harness/golden.ts';
import type { Answer } from '../harness/http.ts';
import type { TestServer } from '../harness/server.ts';

export type Json = Readonly<Record<string, unknown>>;

export interface World {
  /** A new name, below a folder of its own. */
  name(): string;
  /** As `admin` unless another actor is named. */
  send(method: string, path: string, body?: unknown, as?: string): Promise<Answer>;
  /** The body of an answer of that status (200). */
  ok(method: string, path: string, body?: unknown, options?: { as?: string; status?: number }): Promise<Json>;
  /** Sends and expects a refusal: 400, or the given status. */
  refused(method: string, path: string, body?: unknown, status?: number): Promise<void>;
  readonly server: TestServer;
}

export type Check = (world: World) => Promise<unknown>;
/** By parameter, as the document's tables name it; footnotes by their text. */
export type Checks = Readonly<Record<string, Check>>;

export function createWorld(server: TestServer): World {
  let count = 0;
  const send: World['send'] = (method, path, body, as = 'admin') => server.send(method, path, body, { as });
  return {
    server,
    send,
    name() {
      count += 1;
      return `/seed/${count}/name`;
    },
    async ok(method, path, body, { as, status = 200 } = {}) {
      const answer = await send(method, path, body, as);
      expect(answer.status, `${method} ${path}: ${answer.text}`).toBe(status);
      return answer.json() as Json;
    },
    async refused(method, path, body, status = 400) {
      const answer = await send(method, path, body);
      expect(answer.status, `${method} ${path}: ${answer.text}`).toBe(status);
      expect(answer.json()).toEqual({ error: expect.any(String) });
    },
  };
}

export const PEM: Readonly<Record<string, string>> = {
  ...recordedFixtures('set-certificate'),
  ...recordedFixtures('set-ssh'),
};

export const OPERATIONS = ['read', 'write', 'delete', 'read_acl', 'write_acl'] as const;
const OTHER_ACTOR = 'uaa-client:somebody-else';

/** Entries of a credential, as level 1 lists them. */
export async function entriesOf(world: World, name: string): Promise<{ actor: string; operations: string[] }[]> {
  const listed = await world.ok('GET', `/api/v1/permissions?credential_name=${name}`);
  return listed.permissions as { actor: string; operations: string[] }[];
}

async function operationsOf(world: World, name: string, actor: string): Promise<string[] | undefined> {
  return (await entriesOf(world, name)).find((entry) => entry.actor === actor)?.operations;
}

/** The rows on `additional_permissions`, the same for every type. `send` writes a new name with these fields added. */
export function additionalPermissionChecks(send: (world: World, name: string, more: Json) => Promise<Answer>): Checks {
  const write = async (world: World, additional_permissions: unknown): Promise<string> => {
    const name = world.name();
    const answer = await send(world, name, { additional_permissions });
    expect(answer.status, answer.text).toBe(200);
    return name;
  };
  const refuse = async (world: World, additional_permissions: unknown): Promise<void> => {
    const answer = await send(world, world.name(), { additional_permissions });
    expect(answer.status, answer.text).toBe(400);
  };
  return {
    additional_permissions: async (world) => {
      const plain = world.name();
      expect((await send(world, plain, {})).status).toBe(200);
      expect(
        (await entriesOf(world, plain)).map(({ actor }) => actor),
        'none by default but the creator',
      ).toHaveLength(1);
      const name = await write(world, [
        { actor: OTHER_ACTOR, operations: ['read'] },
        { actor: 'mtls-app:11111111-2222-4333-8444-555555555555', operations: ['read', 'delete'] },
      ]);
      expect(await entriesOf(world, name)).toHaveLength(3);
    },
    'additional_permissions[].actor': async (world) => {
      const name = await write(world, [{ actor: OTHER_ACTOR, operations: ['read'] }]);
      expect(await operationsOf(world, name, OTHER_ACTOR)).toEqual(['read']);
      await refuse(world, [{ operations: ['read'] }]);
    },
    'additional_permissions[].operations': async (world) => {
      const name = await write(world, [{ actor: OTHER_ACTOR, operations: ['read', 'write'] }]);
      expect(await operationsOf(world, name, OTHER_ACTOR)).toEqual(['read', 'write']);
      await refuse(world, [{ actor: OTHER_ACTOR }]);
    },
    'additional_permissions[].operations[]': async (world) => {
      const name = await write(world, [{ actor: OTHER_ACTOR, operations: ['read_acl'] }]);
      expect(await operationsOf(world, name, OTHER_ACTOR)).toEqual(['read_acl']);
      await refuse(world, [{ actor: OTHER_ACTOR, operations: ['own'] }]);
    },
    'Authentication-specific identities explained here.': async (world) => {
      const actors = ['uaa-client:c', 'uaa-user:106f52e2-5d01-4675-8d7a-c05ff9a2c081', world.server.app];
      const name = await write(
        world,
        actors.map((actor) => ({ actor, operations: ['read'] })),
      );
      // The identity of a client certificate is one that a request can prove.
      await world.ok('GET', `/api/v1/data?name=${name}`, undefined, { as: 'app' });
      for (const actor of actors) expect(await operationsOf(world, name, actor)).toEqual(['read']);
    },
    'Acceptable operations are': async (world) => {
      const name = await write(world, [{ actor: OTHER_ACTOR, operations: OPERATIONS }]);
      expect(await operationsOf(world, name, OTHER_ACTOR)).toEqual([...OPERATIONS]);
      await refuse(world, [{ actor: OTHER_ACTOR, operations: ['READ'] }]);
    },
  };
}
