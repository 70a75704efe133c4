/** Conformance suite of {@link PlexsphereRecords}. `open` gives records on an empty store, and access to what they wrote. */
import { randomUUID } from 'node:crypto';
import type { CloudCredentialRow, CloudRow, CredError, PlexsphereRecords } from '@credplex/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { at, audit, event, marksOf } from './plexsphere-fixtures.ts';
import { relationTuples } from './relation-tuples.ts';

export interface OpenPlexsphere {
  readonly records: PlexsphereRecords;
  /** Returns the actions of all audit events, oldest first. */
  readonly audited: () => Promise<string[]>;
  /** Opens an intent and returns its id; `gone`: a sweep has claimed it. */
  readonly intent: (state: 'open' | 'gone') => Promise<string>;
}

function newCloud(slug: string, externalId = slug): CloudRow {
  return {
    id: randomUUID(),
    slug,
    displayName: 'A cloud',
    provider: 'aws',
    endpoint: '{"region":"eu-central-1"}',
    regionDefaults: '{}',
    externalId,
    createdAt: at(0),
    updatedAt: at(0),
  };
}
function newCredential(cloudId: string, over: Partial<CloudCredentialRow> = {}): Omit<CloudCredentialRow, 'seq'> {
  return {
    id: randomUUID(),
    cloudId,
    displayName: 'A credential',
    version: 1,
    expiresAt: at(1000),
    revokedAt: null,
    expiredAt: null,
    createdAt: at(0),
    updatedAt: at(0),
    ...over,
  };
}
const sealed = { keyId: 'k', format: 1, bytes: Buffer.from('sealed') };
function code(error: unknown): string {
  return (error as CredError).code;
}

export function plexsphereConformance(name: string, open: () => Promise<OpenPlexsphere>): void {
  describe(`PlexsphereRecords: ${name}`, () => {
    let store: OpenPlexsphere;
    let records: PlexsphereRecords;
    beforeAll(async () => {
      store = await open();
      records = store.records;
    });
    const outboxMarks = () => marksOf(records);
    const makeCloud = async (slug = `c-${randomUUID()}`): Promise<CloudRow> => {
      const cloud = newCloud(slug);
      const request = { cloud, tuples: [], event: event('CloudCreated', slug), audit: audit(`create ${slug}`) };
      expect(await records.createCloud(request)).toBe('created');
      return cloud;
    };
    const issue = (row: Omit<CloudCredentialRow, 'seq'>, intent?: string) =>
      records.insertCloudCredential({
        row,
        sealed,
        intent,
        event: event('CloudCredentialIssued', row.id),
        audit: audit(`issue ${row.id}`),
      });

    describe('clouds', () => {
      test('are returned as they were written, and their event and audit event are stored', async () => {
        const cloud = { ...newCloud('as-written'), displayName: 'Zürich ☁', externalId: 'x'.repeat(4096) };
        const request = { cloud, tuples: [], event: event('CloudCreated', 'w'), audit: audit('create w') };
        expect(await records.createCloud(request)).toBe('created');
        expect(await records.cloud(cloud.id)).toEqual(cloud);
        expect(await outboxMarks()).toContain('w');
        expect(await store.audited()).toContain('create w');
        expect(await records.cloud(randomUUID())).toBeUndefined();
      });

      test('with a taken slug or external id are refused and store nothing', async () => {
        await makeCloud('taken');
        const events = (await outboxMarks()).length;
        const again = (cloud: CloudRow) =>
          records.createCloud({ cloud, tuples: [], event: event('CloudCreated', 'no'), audit: audit('no') });
        expect(await again(newCloud('taken', 'other'))).toBe('slug_conflict');
        expect(await again(newCloud('other', 'taken'))).toBe('external_id_conflict');
        expect(await again(newCloud('taken', 'taken'))).toBe('slug_conflict');
        expect(await again({ ...newCloud('azure-one', 'taken'), provider: 'azure' })).toBe('created');
        expect((await outboxMarks()).length).toBe(events + 1);
      });

      test('that are created concurrently with one slug conflict, and exactly one is stored', async () => {
        const race = Array.from({ length: 8 }, (_, index) =>
          records.createCloud({
            cloud: newCloud('raced', `raced-${index}`),
            tuples: [],
            event: event('CloudCreated', 'raced'),
            audit: audit('raced'),
          }),
        );
        expect((await Promise.all(race)).sort()).toEqual(['created', ...Array<string>(7).fill('slug_conflict')]);
        expect((await outboxMarks()).filter((mark) => mark === 'raced')).toHaveLength(1);
      });

      test('are listed in byte order of their slugs, and a page starts after the given slug', async () => {
        await makeCloud('zz-b');
        await makeCloud('zz-a0');
        await makeCloud('zz-a');
        const first = await records.listClouds({ after: 'zz', limit: 2 });
        expect(first.map(({ slug }) => slug)).toEqual(['zz-a', 'zz-a0']);
        const rest = await records.listClouds({ after: first.at(-1)?.slug, limit: 2 });
        expect(rest.map(({ slug }) => slug)).toEqual(['zz-b']);
        expect((await records.listClouds({ limit: 200 })).length).toBeGreaterThan(3);
      });
    });

    describe('cloud credentials', () => {
      test('are returned as they were written and listed in the order of creation', async () => {
        const cloud = await makeCloud();
        const rows = [];
        for (let index = 0; index < 5; index += 1) rows.push(await issue(newCredential(cloud.id)));
        expect(await records.cloudCredential(rows[2]?.id ?? '')).toEqual(rows[2]);
        const page = await records.listCloudCredentials({ cloudId: cloud.id, limit: 3 });
        const rest = await records.listCloudCredentials({ cloudId: cloud.id, limit: 3, after: page.at(-1)?.seq });
        expect([...page, ...rest]).toEqual(rows);
        expect(await records.cloudCredential(randomUUID())).toBeUndefined();
      });

      test('consume their intent when they are stored', async () => {
        const cloud = await makeCloud();
        const intent = await store.intent('open');
        await issue(newCredential(cloud.id), intent);
        await expect(issue(newCredential(cloud.id), intent)).rejects.toSatisfy((error) => code(error) === 'internal');
      });

      test('are not stored when a sweep has claimed the intent or the cloud does not exist', async () => {
        const cloud = await makeCloud();
        const gone = newCredential(cloud.id);
        await expect(issue(gone, await store.intent('gone'))).rejects.toSatisfy((error) => code(error) === 'internal');
        await expect(issue(newCredential(randomUUID()))).rejects.toSatisfy((error) => code(error) === 'internal');
        expect(await records.cloudCredential(gone.id)).toBeUndefined();
        expect(await outboxMarks()).not.toContain(gone.id);
      });

      test('are revoked once: a second revocation changes nothing and stores no event', async () => {
        const cloud = await makeCloud();
        const { id } = await issue(newCredential(cloud.id));
        const revoke = (second: number) =>
          records.revokeCloudCredential({
            id,
            at: at(second),
            event: (row) => event('CloudCredentialRevoked', `revoked ${row.id}`),
            audit: () => audit('revoke'),
          });
        const both = await Promise.all([revoke(5), revoke(6)]);
        expect(both.map((result) => result?.changed).sort()).toEqual([false, true]);
        const third = await revoke(7);
        expect(third?.changed).toBe(false);
        expect(third?.row).toEqual(both.find((result) => result?.changed)?.row);
        expect((await outboxMarks()).filter((mark) => mark === `revoked ${id}`)).toHaveLength(1);
        expect(
          await records.revokeCloudCredential({
            id: randomUUID(),
            at: at(0),
            event: () => event('CloudCredentialRevoked', 'no'),
            audit: () => audit('no'),
          }),
        ).toBeUndefined();
      });

      test('expire once, not before their expiry time, and not when revoked', async () => {
        const cloud = await makeCloud();
        const due = await issue(newCredential(cloud.id, { expiresAt: at(10) }));
        const later = await issue(newCredential(cloud.id, { expiresAt: at(12) }));
        const revoked = await issue(newCredential(cloud.id, { expiresAt: at(10) }));
        await records.revokeCloudCredential({
          id: revoked.id,
          at: at(1),
          event: () => event('CloudCredentialRevoked', 'r'),
          audit: () => audit('r'),
        });
        const expire = (id: string) =>
          records.expireCloudCredential({
            id,
            at: at(11),
            event: (row) => event('CloudCredentialExpired', `expired ${row.id}`),
            audit: () => audit('expire'),
          });
        const found = await records.dueCloudCredentials({ at: at(11), limit: 100, after: 0 });
        expect(found).toEqual([{ id: due.id, seq: due.seq }]);
        expect(await records.dueCloudCredentials({ at: at(11), limit: 100, after: due.seq })).toEqual([]);
        const swept = await Promise.all([due.id, due.id, later.id, revoked.id].map(expire));
        expect(swept.flatMap((row) => (row === undefined ? [] : [row.id]))).toEqual([due.id]);
        expect((await records.cloudCredential(due.id))?.expiredAt).toEqual(at(11));
        expect((await records.cloudCredential(later.id))?.expiredAt).toBeNull();
        expect((await outboxMarks()).filter((mark) => String(mark).startsWith('expired'))).toEqual([
          `expired ${due.id}`,
        ]);
      });

      test('stay pending until the vault has revoked their secret', async () => {
        const cloud = await makeCloud();
        const row = await issue(newCredential(cloud.id));
        expect(await records.pendingVaultRevocations({ id: row.id, limit: 1 })).toEqual([]);
        await records.revokeCloudCredential({
          id: row.id,
          at: at(1),
          event: () => event('CloudCredentialRevoked', 'p'),
          audit: () => audit('p'),
        });
        const [pending] = await records.pendingVaultRevocations({ id: row.id, limit: 1 });
        expect(pending).toMatchObject({ id: row.id, cloudId: cloud.id, sealed: { keyId: 'k', format: 1 } });
        expect(Buffer.from(pending?.sealed.bytes ?? [])).toEqual(sealed.bytes);
        expect((await records.pendingVaultRevocations({ limit: 100 })).map(({ id }) => id)).toContain(row.id);
        const claim = async (seconds: number) =>
          (await records.claimVaultRevocations({ limit: 100, at: at(seconds) })).filter(({ id }) => id === row.id);
        const claims = await Promise.all([claim(100), claim(100)]);
        expect(claims.flat()).toEqual([pending]);
        expect(await claim(159)).toEqual([]);
        expect(await claim(160)).toEqual([pending]);
        expect(await claim(279)).toEqual([]);
        expect(await claim(280)).toEqual([pending]);
        if (pending === undefined) throw new Error('nothing is pending');
        const before = { ...pending, sealed: { ...pending.sealed, bytes: Buffer.from('before a key rotation') } };
        const elsewhere = { ...pending, sealed: { ...pending.sealed, keyId: 'another key' } };
        expect(await records.vaultRevoked(before, at(2))).toBe(false);
        expect(await records.vaultRevoked(elsewhere, at(2))).toBe(false);
        expect(await records.pendingVaultRevocations({ id: row.id, limit: 1 })).toEqual([pending]);
        expect(await records.vaultRevoked(pending, at(2))).toBe(true);
        expect(await records.vaultRevoked(pending, at(3))).toBe(false);
        expect(await claim(10_000)).toEqual([]);
        expect(await records.pendingVaultRevocations({ id: row.id, limit: 1 })).toEqual([]);
      });
    });

    describe('API tokens', () => {
      const newToken = (owner: string, expiresAt = at(100)) => ({
        id: randomUUID(),
        owner,
        envPrefix: 'dev',
        hash: Buffer.alloc(32, 7),
        ttlSeconds: 100,
        createdAt: at(0),
        expiresAt,
        lastUsedAt: null,
        rotatedAt: null,
        previousHash: null,
        previousUntil: null,
      });

      test('are listed until they expire and deleted only by their owner', async () => {
        const owner = `user:${randomUUID()}`;
        const token = newToken(owner);
        await records.createToken(token, audit('issue token'));
        await records.createToken(newToken(owner, at(1)), audit('issue token'));
        const read = await records.token(token.id);
        expect({ ...read, hash: Buffer.from(read?.hash ?? []) }).toEqual(token);
        expect((await records.listTokens({ owner, now: at(2) })).map(({ id }) => id)).toEqual([token.id]);
        const drop = (who: string) => records.deleteToken({ id: token.id, owner: who, audit: audit('drop token') });
        expect(await drop('user:other')).toBe(false);
        expect(await drop(owner)).toBe(true);
        expect(await drop(owner)).toBe(false);
        expect((await store.audited()).filter((action) => action === 'drop token')).toHaveLength(1);
      });

      test('keep the previous hash and restart their lifetime on rotation, which fails after expiry', async () => {
        const owner = `user:${randomUUID()}`;
        const token = newToken(owner);
        await records.createToken(token, audit('t'));
        const rotate = (second: number, who = owner) =>
          records.rotateToken({
            id: token.id,
            owner: who,
            hash: Buffer.alloc(32, 8),
            at: at(second),
            previousUntil: at(second + 10),
            audit: audit('rotate'),
          });
        expect(await rotate(50, 'user:other')).toBeUndefined();
        const rotated = await rotate(50);
        expect(rotated).toMatchObject({ expiresAt: at(150), rotatedAt: at(50), previousUntil: at(60) });
        expect(Buffer.from(rotated?.previousHash ?? [])).toEqual(token.hash);
        expect(await rotate(150)).toBeUndefined();
      });

      test('store their last use, are deleted with their owner, and are purged after expiry', async () => {
        const owner = `user:${randomUUID()}`;
        const [used, past] = [newToken(owner), newToken(`user:${randomUUID()}`, at(-10))];
        await records.createToken(used, audit('t'));
        await records.createToken(past, audit('t'));
        await records.tokenUsed(used.id, at(5));
        await records.tokenUsed(used.id, at(4));
        expect((await records.token(used.id))?.lastUsedAt).toEqual(at(5));
        await records.purgeTokens(at(0));
        expect(await records.token(past.id)).toBeUndefined();
        expect(await records.deleteTokensOf(owner)).toBe(1);
        expect(await records.token(used.id)).toBeUndefined();
      });
    });

    relationTuples(() => records);

    test('auditNow has stored its event when it resolves', async () => {
      await records.auditNow(audit('denied now'));
      expect(await store.audited()).toContain('denied now');
    });

    test('the outbox returns events in order, and a page starts after the given number', async () => {
      const [first, second] = await records.outbox({ after: 0, limit: 2 });
      expect(first?.seq).toBeLessThan(second?.seq ?? 0);
      expect((await records.outbox({ after: first?.seq ?? 0, limit: 1 }))[0]).toEqual(second);
    });
  });
}
