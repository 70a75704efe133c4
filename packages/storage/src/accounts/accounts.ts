/** {@link AccountRecords} on PostgreSQL: users, clients, revocations, throttles. Refresh tokens are in `refresh-tokens.ts`. */
import type { AccountRecords, AuditEvent, ClientRow, GrantType, Revocation, Throttle, UserRow } from '@credplex/core';
import { writeAudit } from '../audit/audit-event.ts';
import type { Database, Transaction } from '../postgres/database.ts';
import { refreshTokens } from './refresh-tokens.ts';
import { storeRevocation } from './token-revocations.ts';

export function createAccountRecords(database: Database): AccountRecords {
  /** The statement must return the rows that it changed; without one nothing else happens. */
  const changed = (
    change: (tx: Transaction) => Promise<object[]>,
    event: AuditEvent,
    revocation?: Revocation,
  ): Promise<boolean> =>
    database.transaction(async (tx) => {
      if ((await change(tx)).length === 0) return false;
      if (revocation !== undefined) await storeRevocation(tx, revocation);
      await writeAudit(tx, [event]);
      return true;
    });

  return {
    firstOperator: async () => {
      const rows = await database.read<{ user_id: string }>('select user_id from first_operator where is_only', []);
      return rows[0]?.user_id;
    },
    claimFirstOperator: async ({ user, clients, audit }) => {
      const first = await changed(async (tx) => {
        const claim = await tx.run(
          'insert into first_operator (user_id, created_at) values ($1, $2) on conflict do nothing returning is_only',
          [user.id, user.createdAt],
        );
        if (claim.length === 0) return [];
        await insertUser(tx, user);
        for (const client of clients) await insertClient(tx, client);
        return claim;
      }, audit);
      return first ? 'claimed' : 'taken';
    },

    createUser: async (user, event) => ((await changed((tx) => insertUser(tx, user), event)) ? 'created' : 'exists'),
    userByName: async (name) => (await database.read<UserColumns>(`${USERS} where name = $1`, [name])).map(toUser)[0],
    userById: async (id) => (await database.read<UserColumns>(`${USERS} where id = $1`, [id])).map(toUser)[0],
    listUsers: async () => (await database.slowQuery<UserColumns>(`${USERS} order by name`)).map(toUser),
    setUserVerifier: (id, verifier, revocation, event) =>
      changed(
        (tx) => tx.run('update account_user set verifier = $2 where id = $1 returning id', [id, verifier]),
        event,
        revocation,
      ),
    deleteUser: (id, revocation, event) =>
      changed((tx) => tx.run('delete from account_user where id = $1 returning id', [id]), event, revocation),

    createClient: async (client, event) =>
      (await changed((tx) => insertClient(tx, client), event)) ? 'created' : 'exists',
    clientById: async (id) => (await database.read<ClientColumns>(`${CLIENTS} where id = $1`, [id])).map(toClient)[0],
    listClients: async () => (await database.slowQuery<ClientColumns>(`${CLIENTS} order by id`)).map(toClient),
    setClientVerifier: (id, verifier, revocation, event) =>
      changed(
        (tx) => tx.run('update account_client set verifier = $2 where id = $1 returning id', [id, verifier]),
        event,
        revocation,
      ),
    deleteClient: (id, revocation, event) =>
      changed((tx) => tx.run('delete from account_client where id = $1 returning id', [id]), event, revocation),

    ...refreshTokens(database),

    revoke: (revocation) => database.transaction((tx) => storeRevocation(tx, revocation)),
    revocations: (now) =>
      database.slowQuery<Revocation>(
        `select kind, subject, before, expires_at as "expiresAt" from token_revocation where expires_at > $1`,
        [now],
      ),

    throttles: (keys) =>
      database.read<Throttle>(
        `select key, failures, last_failure_at as "lastFailureAt", blocked_until as "blockedUntil"
         from login_throttle where key = any (string_to_array($1, ' '))`,
        [keys.join(' ')],
      ),
    countFailure: async ({ keys, now, windowSeconds }) => {
      const stale = new Date(now.getTime() - windowSeconds * 1000);
      for (const { key, free, capSeconds } of keys) {
        await database.write(COUNT_FAILURE, [key, now, stale, free, capSeconds]);
      }
    },
    clearThrottles: async (keys) => {
      await database.write(`delete from login_throttle where key = any (string_to_array($1, ' '))`, [keys.join(' ')]);
    },

    purge: async (now, throttlesBefore) => {
      await database.slowQuery('delete from refresh_token where expires_at <= $1', [now]);
      await database.slowQuery(
        'delete from refresh_family f where not exists (select from refresh_token t where t.family = f.id)',
      );
      await database.slowQuery('delete from token_revocation where expires_at <= $1', [now]);
      await database.slowQuery('delete from login_throttle where last_failure_at < $1', [throttlesBefore]);
    },
  };
}

/** $4 failures are free. 20 doublings are beyond every cap. */
const COUNT_FAILURE = `
  insert into login_throttle as t (key, failures, last_failure_at, blocked_until) values ($1, 1, $2, $2)
  on conflict (key) do update set
    failures = case when t.last_failure_at < $3 then 1 else t.failures + 1 end,
    last_failure_at = excluded.last_failure_at,
    blocked_until = excluded.last_failure_at + case
      when t.last_failure_at < $3 or t.failures + 1 <= $4::int then interval '0'
      else least($5::int, power(2, least(t.failures - $4::int, 20))) * interval '1 second' end`;

const insertUser = (tx: Transaction, user: UserRow): Promise<object[]> =>
  tx.run(
    `insert into account_user (id, name, verifier, scopes, created_at) values ($1, $2, $3, $4, $5)
     on conflict do nothing returning id`,
    [user.id, user.name, user.verifier, user.scopes.join(' '), user.createdAt],
  );

const insertClient = (tx: Transaction, client: ClientRow): Promise<object[]> =>
  tx.run(
    `insert into account_client (id, verifier, grant_types, scopes, created_at) values ($1, $2, $3, $4, $5)
     on conflict do nothing returning id`,
    [client.id, client.verifier, client.grantTypes.join(' '), client.scopes.join(' '), client.createdAt],
  );

interface UserColumns extends Omit<UserRow, 'scopes'> {
  readonly scopes: string;
}
interface ClientColumns extends Omit<ClientRow, 'scopes' | 'grantTypes'> {
  readonly scopes: string;
  readonly grantTypes: string;
}

const USERS = 'select id, name, verifier, scopes, created_at as "createdAt" from account_user';
const CLIENTS =
  'select id, verifier, grant_types as "grantTypes", scopes, created_at as "createdAt" from account_client';

const words = (text: string): string[] => text.split(' ').filter((word) => word !== '');
const toUser = (row: UserColumns): UserRow => ({ ...row, scopes: words(row.scopes) });
const toClient = (row: ClientColumns): ClientRow => ({
  ...row,
  scopes: words(row.scopes),
  grantTypes: words(row.grantTypes) as GrantType[],
});
