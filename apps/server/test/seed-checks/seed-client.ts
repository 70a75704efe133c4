/** The client for checks of the tables in the API document: a server at level 1, and unique names. */
import { expect } from 'vitest';
import { recordedFixtures } from '../harness/golden.ts';
import type { Answer } from '../harness/http.ts';
import type { TestServer } from '../harness/server.ts';

export type Json = Readonly<Record<string, unknown>>;

export interface SeedClient {
  /** Returns a new name in its own folder. */
  name(): string;
  /** Sends a request as `admin`, or as another actor. */
  send(method: string, path: string, body?: unknown, as?: string): Promise<Answer>;
  /** Sends a request, expects the status (200), and returns the body. */
  ok(method: string, path: string, body?: unknown, options?: { as?: string; status?: number }): Promise<Json>;
  /** Sends a request and expects an error, by default 400. */
  expectRefused(method: string, path: string, body?: unknown, status?: number): Promise<void>;
  readonly server: TestServer;
}

export type Check = (seedClient: SeedClient) => Promise<unknown>;
/** Checks by the parameter names of the tables; footnotes by their text. */
export type Checks = Readonly<Record<string, Check>>;

export function createSeedClient(server: TestServer): SeedClient {
  let count = 0;
  const send: SeedClient['send'] = (method, path, body, as = 'admin') => server.sendRaw(method, path, body, { as });
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
    async expectRefused(method, path, body, status = 400) {
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

/** Returns the permission entries of a credential at level 1. */
export async function entriesOf(
  seedClient: SeedClient,
  name: string,
): Promise<{ actor: string; operations: string[] }[]> {
  const listed = await seedClient.ok('GET', `/api/v1/permissions?credential_name=${name}`);
  return listed.permissions as { actor: string; operations: string[] }[];
}

async function operationsOf(seedClient: SeedClient, name: string, actor: string): Promise<string[] | undefined> {
  return (await entriesOf(seedClient, name)).find((entry) => entry.actor === actor)?.operations;
}

/** The rows on `additional_permissions`, the same for every type. `send` writes a new name with these fields added. */
export function additionalPermissionChecks(
  send: (seedClient: SeedClient, name: string, more: Json) => Promise<Answer>,
): Checks {
  const write = async (seedClient: SeedClient, additional_permissions: unknown): Promise<string> => {
    const name = seedClient.name();
    const answer = await send(seedClient, name, { additional_permissions });
    expect(answer.status, answer.text).toBe(200);
    return name;
  };
  const refuse = async (seedClient: SeedClient, additional_permissions: unknown): Promise<void> => {
    const answer = await send(seedClient, seedClient.name(), { additional_permissions });
    expect(answer.status, answer.text).toBe(400);
  };
  return {
    additional_permissions: async (seedClient) => {
      const plain = seedClient.name();
      expect((await send(seedClient, plain, {})).status).toBe(200);
      expect(
        (await entriesOf(seedClient, plain)).map(({ actor }) => actor),
        'none by default but the creator',
      ).toHaveLength(1);
      const name = await write(seedClient, [
        { actor: OTHER_ACTOR, operations: ['read'] },
        { actor: 'mtls-app:11111111-2222-4333-8444-555555555555', operations: ['read', 'delete'] },
      ]);
      expect(await entriesOf(seedClient, name)).toHaveLength(3);
    },
    'additional_permissions[].actor': async (seedClient) => {
      const name = await write(seedClient, [{ actor: OTHER_ACTOR, operations: ['read'] }]);
      expect(await operationsOf(seedClient, name, OTHER_ACTOR)).toEqual(['read']);
      await refuse(seedClient, [{ operations: ['read'] }]);
    },
    'additional_permissions[].operations': async (seedClient) => {
      const name = await write(seedClient, [{ actor: OTHER_ACTOR, operations: ['read', 'write'] }]);
      expect(await operationsOf(seedClient, name, OTHER_ACTOR)).toEqual(['read', 'write']);
      await refuse(seedClient, [{ actor: OTHER_ACTOR }]);
    },
    'additional_permissions[].operations[]': async (seedClient) => {
      const name = await write(seedClient, [{ actor: OTHER_ACTOR, operations: ['read_acl'] }]);
      expect(await operationsOf(seedClient, name, OTHER_ACTOR)).toEqual(['read_acl']);
      await refuse(seedClient, [{ actor: OTHER_ACTOR, operations: ['own'] }]);
    },
    'Authentication-specific identities explained here.': async (seedClient) => {
      const actors = ['uaa-client:c', 'uaa-user:106f52e2-5d01-4675-8d7a-c05ff9a2c081', seedClient.server.app];
      const name = await write(
        seedClient,
        actors.map((actor) => ({ actor, operations: ['read'] })),
      );
      // The identity of a client certificate is one that a request can prove.
      await seedClient.ok('GET', `/api/v1/data?name=${name}`, undefined, { as: 'app' });
      for (const actor of actors) expect(await operationsOf(seedClient, name, actor)).toEqual(['read']);
    },
    'Acceptable operations are': async (seedClient) => {
      const name = await write(seedClient, [{ actor: OTHER_ACTOR, operations: OPERATIONS }]);
      expect(await operationsOf(seedClient, name, OTHER_ACTOR)).toEqual([...OPERATIONS]);
      await refuse(seedClient, [{ actor: OTHER_ACTOR, operations: ['READ'] }]);
    },
  };
}
