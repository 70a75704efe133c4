/** Conformance suite of {@link AccountRecords}. `open` gives records on an empty store, and the actions in its audit log. */
import { createHash, randomUUID } from 'node:crypto';
import type { AccountRecords, AuditEvent, ClientRow, Revocation, UserRow } from '@credplex/core';
import { beforeAll, describe, expect, test } from 'vitest';

function at(seconds: number): Date {
  return new Date(1_800_000_000_000 + seconds * 1000);
}
function hash(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}
function event(action: string): AuditEvent {
  return {
    at: at(0),
    requestId: 'r',
    actor: 'operator',
    action,
    resource: null,
  };
}

function newUser(name: string): UserRow {
  return {
    id: randomUUID(),
    name,
    verifier: 'sha256:x',
    scopes: ['credhub.read', 'credhub.write'],
    createdAt: at(0),
  };
}
function newClient(id: string): ClientRow {
  return {
    id,
    verifier: 'sha256:y',
    grantTypes: ['client_credentials'],
    scopes: ['credhub.read'],
    createdAt: at(0),
  };
}
function revocation(kind: Revocation['kind'], subject: string, seconds = 0): Revocation {
  return {
    kind,
    subject,
    before: at(seconds),
    expiresAt: at(seconds + 700),
  };
}

export function accountConformance(
  name: string,
  open: () => Promise<{ accounts: AccountRecords; audited: () => Promise<readonly string[]> }>,
): void {
  describe(`accounts on ${name}`, () => {
    let accounts: AccountRecords;
    let audited: () => Promise<readonly string[]>;
    beforeAll(async () => {
      ({ accounts, audited } = await open());
    });

    test('a user is found unchanged by id and by its exact name', async () => {
      const user = newUser('Ada');
      expect(await accounts.createUser(user, event('user.add'))).toBe('created');
      expect(await accounts.userByName('Ada')).toEqual(user);
      expect(await accounts.userById(user.id)).toEqual(user);
      expect(await accounts.userByName('ada')).toBeUndefined();
      expect(await accounts.listUsers()).toContainEqual(user);
    });

    test('of concurrent creations of one user name exactly one succeeds, and only that one is audited', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, () => accounts.createUser(newUser('race'), event('user.race'))),
      );
      expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
      expect((await audited()).filter((action) => action === 'user.race')).toHaveLength(1);
    });

    test('of servers that start at the same time exactly one creates the first operator, and no later one does', async () => {
      const claims = Array.from({ length: 4 }, () => {
        const user = newUser(`operator ${randomUUID()}`);
        const clients = [newClient('first'), newClient('second')];
        return accounts
          .claimFirstOperator({ user, clients, audit: event('claim') })
          .then((outcome) => ({ outcome, user }));
      });
      const outcomes = await Promise.all(claims);
      const won = outcomes.filter(({ outcome }) => outcome === 'claimed').map(({ user }) => user);
      expect(won).toHaveLength(1);
      const id = won[0]?.id ?? '';
      expect(await accounts.firstOperator()).toBe(id);
      expect((await accounts.listUsers()).filter(({ name }) => name.startsWith('operator'))).toEqual(won);
      expect(await accounts.clientById('second')).toBeDefined();
      await accounts.deleteUser(id, revocation('user', id), event('user.remove'));
      expect(await accounts.firstOperator()).toBe(id);
    });

    test('a client is found by its id, and its deletion succeeds once', async () => {
      const client = newClient('gone');
      expect(await accounts.createClient(client, event('client.add'))).toBe('created');
      expect(await accounts.createClient(client, event('client.add'))).toBe('exists');
      expect(await accounts.clientById('gone')).toEqual(client);
      expect(await accounts.deleteClient('gone', revocation('client', 'gone'), event('client.remove'))).toBe(true);
      expect(await accounts.deleteClient('gone', revocation('client', 'gone'), event('client.remove'))).toBe(false);
      expect(await accounts.clientById('gone')).toBeUndefined();
      expect(await accounts.revocations(at(0))).toContainEqual(revocation('client', 'gone'));
    });

    describe('refresh tokens', () => {
      let user: UserRow;
      let family: string;
      const login = async (token: string): Promise<void> => {
        family = randomUUID();
        const grant = { family, userId: user.id, clientId: 'cli', scopes: ['credhub.read'] };
        expect(
          await accounts.startRefresh(grant, { hash: hash(token), expiresAt: at(1000) }, at(0), await basis()),
        ).toBe(true);
      };
      const basis = async () => ({ client: newClient('cli'), user: (await accounts.userById(user.id)) ?? user });
      const rotate = (token: string, next: string, seconds: number, clientId = 'cli') =>
        accounts.rotateRefresh({
          hash: hash(token),
          next: { hash: hash(next), expiresAt: at(seconds + 1000) },
          now: at(seconds),
          graceSeconds: 60,
          clientId,
          revocationExpiresAt: at(seconds + 700),
        });
      beforeAll(async () => {
        user = newUser('holder');
        await accounts.createUser(user, event('user.add'));
        await accounts.createClient(newClient('cli'), event('client.add'));
        await accounts.createClient(newClient('other'), event('client.add'));
      });

      test('each is exchanged for a successor with the grant of the login', async () => {
        await login('a1');
        expect(await rotate('a1', 'a2', 10)).toEqual({
          outcome: 'rotated',
          grant: { family, userId: user.id, clientId: 'cli', scopes: ['credhub.read'] },
        });
        expect((await rotate('a2', 'a3', 20)).outcome).toBe('rotated');
      });

      test('an unknown token, one of another client and an expired one are refused', async () => {
        await login('b1');
        expect((await rotate('nothing', 'b9', 10)).outcome).toBe('unknown');
        expect((await rotate('b1', 'b9', 10, 'other')).outcome).toBe('unknown');
        expect((await rotate('b1', 'b9', 1001)).outcome).toBe('expired');
      });

      test('a token whose successor was used ends the whole login', async () => {
        await login('c1');
        await rotate('c1', 'c2', 10);
        await rotate('c2', 'c3', 20);
        expect((await rotate('c1', 'c9', 30)).outcome).toBe('reused');
        expect((await rotate('c3', 'c9', 40)).outcome).toBe('unknown');
      });

      test('a token whose successor was not used may be used again, as the CredHub CLI does', async () => {
        await login('d1');
        await rotate('d1', 'd2', 10);
        expect((await rotate('d1', 'd3', 700)).outcome).toBe('rotated');
        expect((await rotate('d1', 'd4', 1000)).outcome).toBe('expired');
        expect((await rotate('d3', 'd5', 1000)).outcome).toBe('rotated');
      });

      test('a superseded successor ends the login when it is used', async () => {
        await login('e1');
        await rotate('e1', 'e2', 10);
        await rotate('e1', 'e3', 700);
        expect((await rotate('e2', 'e9', 710)).outcome).toBe('reused');
        expect((await rotate('e3', 'e9', 720)).outcome).toBe('unknown');
      });

      test('two concurrent refreshes both succeed, and the login ends once both successors are used', async () => {
        await login('f1');
        const outcomes = await Promise.all([rotate('f1', 'f2', 10), rotate('f1', 'f3', 10)]);
        expect(outcomes.map((outcome) => outcome.outcome)).toEqual(['rotated', 'rotated']);
        expect((await rotate('f3', 'f4', 20)).outcome).toBe('rotated');
        const revocation = { kind: 'session', subject: family, before: at(30), expiresAt: at(730) };
        expect(await rotate('f2', 'f5', 30)).toEqual({ outcome: 'reused', revocation });
        expect((await rotate('f4', 'f6', 40)).outcome).toBe('unknown');
        expect(await accounts.revocations(at(30))).toContainEqual(revocation);
      });

      test('of successors that are used concurrently at most one succeeds, and the second use ends the login', async () => {
        await login('i1');
        await Promise.all([rotate('i1', 'i2', 10), rotate('i1', 'i3', 10)]);
        const outcomes = await Promise.all([rotate('i2', 'i4', 20), rotate('i3', 'i5', 20)]);
        expect(outcomes.map((end) => end.outcome).sort()).toEqual(['reused', 'rotated']);
        for (const token of ['i4', 'i5']) expect((await rotate(token, 'i9', 30)).outcome).toBe('unknown');
      });

      test('a successor may be used again while its own successor is unused', async () => {
        await login('j1');
        await rotate('j1', 'j2', 10);
        await rotate('j2', 'j3', 20);
        expect((await rotate('j2', 'j4', 30)).outcome).toBe('rotated');
      });

      test('a revoked session ends its refresh tokens and no other login', async () => {
        await login('k1');
        const ended = family;
        await login('k2');
        await accounts.revoke(revocation('session', ended));
        expect((await rotate('k1', 'k9', 10)).outcome).toBe('unknown');
        expect((await rotate('k2', 'k3', 10)).outcome).toBe('rotated');
      });

      test('a login is stored only while client, user and session are unchanged since they were read', async () => {
        const current = await basis();
        const grant = { family: randomUUID(), userId: user.id, clientId: 'cli', scopes: [] };
        const token = { hash: hash('l1'), expiresAt: at(1000) };
        const staleBases = [
          { ...current, client: { id: 'cli', verifier: 'sha256:other' } },
          { ...current, client: { id: 'nobody', verifier: current.client.verifier } },
          { ...current, user: { id: user.id, verifier: 'sha256:other' } },
          { ...current, user: { id: randomUUID(), verifier: current.user.verifier } },
          { ...current, family: randomUUID() },
        ];
        for (const stale of staleBases) {
          expect(await accounts.isUnchanged(stale)).toBe(false);
          expect(await accounts.startRefresh(grant, token, at(0), stale)).toBe(false);
        }
        expect((await rotate('l1', 'l2', 10)).outcome).toBe('unknown');
        await login('m1');
        expect(await accounts.isUnchanged({ ...current, family })).toBe(true);
        expect(await accounts.isUnchanged({ client: current.client })).toBe(true);
      });

      test('a changed password and a deleted user end every login', async () => {
        await login('g1');
        await accounts.setUserVerifier(user.id, 'sha256:z', revocation('user', user.id), event('user.passwd'));
        expect((await rotate('g1', 'g2', 10)).outcome).toBe('unknown');
        expect((await accounts.userById(user.id))?.verifier).toBe('sha256:z');
        await login('h1');
        expect(await accounts.deleteUser(user.id, revocation('user', user.id), event('user.remove'))).toBe(true);
        expect((await rotate('h1', 'h2', 10)).outcome).toBe('unknown');
      });
    });

    test('of two revocations of one subject the later one applies, in whatever order they are stored', async () => {
      const subject = randomUUID();
      await accounts.revoke(revocation('user', subject, 10));
      await accounts.revoke(revocation('user', subject, 5));
      expect(await accounts.revocations(at(0))).toContainEqual(revocation('user', subject, 10));
      expect(await accounts.revocations(at(710))).not.toContainEqual(revocation('user', subject, 10));
    });

    test('the delay after failed logins starts at zero, doubles up to the cap, and resets after the window', async () => {
      const waitSeconds: number[] = [];
      for (let n = 0; n < 8; n += 1) {
        const keys = [{ key: 'k', free: 2, capSeconds: 10 }];
        await accounts.countFailure({ keys, now: at(100), windowSeconds: 900 });
        const [row] = await accounts.throttles(['k', 'never']);
        waitSeconds.push(((row?.blockedUntil.getTime() ?? 0) - at(100).getTime()) / 1000);
      }
      expect(waitSeconds).toEqual([0, 0, 1, 2, 4, 8, 10, 10]);
      await accounts.countFailure({ keys: [{ key: 'k', free: 2, capSeconds: 10 }], now: at(1001), windowSeconds: 900 });
      expect((await accounts.throttles(['k']))[0]?.failures).toBe(1);
      await accounts.clearThrottles(['k']);
      expect(await accounts.throttles(['k'])).toEqual([]);
    });

    test('concurrent failures are all counted', async () => {
      const keys = [{ key: 'many', free: 1, capSeconds: 10 }];
      await Promise.all(
        Array.from({ length: 10 }, () => accounts.countFailure({ keys, now: at(0), windowSeconds: 900 })),
      );
      expect((await accounts.throttles(['many']))[0]?.failures).toBe(10);
    });

    test('purge deletes expired rows only', async () => {
      await accounts.revoke(revocation('jti', 'old', -5000));
      await accounts.revoke(revocation('jti', 'new', 5000));
      await accounts.purge(at(0), at(500));
      const left = await accounts.revocations(at(-100_000));
      expect(left.map((row) => row.subject)).toContain('new');
      expect(left.map((row) => row.subject)).not.toContain('old');
      expect(await accounts.throttles(['many'])).toEqual([]);
    });
  });
}
