/** {@link AccountRecords} on PostgreSQL: users, clients, revocations, throttles. Refresh tokens are in `refresh-tokens.ts`. */
import type {
  AccountRecords,
  AuditEvent,
  ClientRow,
  GrantType,
  Revocation,
  Throttle,
  UserRow,
  Verifier,
} from '@credplex/core';
import type { Row, Sql, TransactionSql } from 'postgres';
import { refreshTokens } from './refresh-tokens.ts';

type Either = Sql | TransactionSql;

export interface AccountDeps {
  readonly sql: Sql;
  /** Writes an audit row in the change's own transaction. */
  readonly audit: (tx: TransactionSql, event: AuditEvent) => Promise<unknown>;
}

export function createAccountRecords(deps: AccountDeps): AccountRecords {
  const { sql } = deps;

  const changed = (
    change: (tx: TransactionSql) => Promise<{ count: number }>,
    event: AuditEvent,
    revocation?: Revocation,
  ): Promise<boolean> =>
    sql.begin(async (tx) => {
      if ((await change(tx)).count === 0) return false;
      if (revocation !== undefined) await storeRevocation(tx, revocation);
      await deps.audit(tx, event);
      return true;
    });

  return {
    createUser: async (user, event) =>
      (await changed(
        (tx) => tx`
          insert into account_user (id, name, verifier, scopes, created_at)
          values (${user.id}, ${user.name}, ${user.verifier}, ${user.scopes.join(' ')}, ${user.createdAt})
          on conflict do nothing`,
        event,
      ))
        ? 'created'
        : 'exists',
    userByName: async (name) => user((await sql`select * from account_user where name = ${name}`)[0]),
    userById: async (id) => user((await sql`select * from account_user where id = ${id}`)[0]),
    listUsers: async () => (await sql`select * from account_user order by name`).flatMap((row) => user(row) ?? []),
    setUserVerifier: (id, verifier, revocation, event) =>
      changed((tx) => setVerifier(tx, 'account_user', id, verifier), event, revocation),
    deleteUser: (id, revocation, event) =>
      changed((tx) => tx`delete from account_user where id = ${id}`, event, revocation),

    createClient: async (client, event) =>
      (await changed(
        (tx) => tx`
          insert into account_client (id, verifier, grant_types, scopes, created_at)
          values (${client.id}, ${client.verifier}, ${client.grantTypes.join(' ')}, ${client.scopes.join(' ')},
                  ${client.createdAt})
          on conflict do nothing`,
        event,
      ))
        ? 'created'
        : 'exists',
    clientById: async (id) => client((await sql`select * from account_client where id = ${id}`)[0]),
    listClients: async () => (await sql`select * from account_client order by id`).flatMap((row) => client(row) ?? []),
    setClientVerifier: (id, verifier, revocation, event) =>
      changed((tx) => setVerifier(tx, 'account_client', id, verifier), event, revocation),
    deleteClient: (id, revocation, event) =>
      changed((tx) => tx`delete from account_client where id = ${id}`, event, revocation),

    ...refreshTokens(sql),

    revoke: async (revocation) => {
      await sql.begin((tx) => storeRevocation(tx, revocation));
    },
    revocations: async (now) =>
      (await sql`select * from token_revocation where expires_at > ${now}`).map(
        (row): Revocation => ({
          kind: row.kind,
          subject: row.subject,
          before: row.before,
          expiresAt: row.expires_at,
        }),
      ),

    throttles: async (keys) =>
      (await sql`select * from login_throttle where key in ${sql([...keys])}`).map(
        (row): Throttle => ({
          key: row.key,
          failures: row.failures,
          lastFailureAt: row.last_failure_at,
          blockedUntil: row.blocked_until,
        }),
      ),
    countFailure: async ({ keys, now, windowSeconds }) => {
      const stale = new Date(now.getTime() - windowSeconds * 1000);
      for (const { key, free, capSeconds } of keys) await countOne(sql, { key, free, capSeconds, now, stale });
    },
    clearThrottles: async (keys) => {
      await sql`delete from login_throttle where key in ${sql([...keys])}`;
    },

    purge: async (now, throttlesBefore) => {
      await sql`delete from refresh_token where expires_at <= ${now}`;
      await sql`delete from refresh_family f where not exists (select from refresh_token t where t.family = f.id)`;
      await sql`delete from token_revocation where expires_at <= ${now}`;
      await sql`delete from login_throttle where last_failure_at < ${throttlesBefore}`;
    },
  };
}

function setVerifier(tx: TransactionSql, table: 'account_user' | 'account_client', id: string, verifier: Verifier) {
  return tx`update ${tx(table)} set verifier = ${verifier} where id = ${id}`;
}

/** A later revocation of the same subject covers the earlier one. Sessions of a user or client end with it. */
async function storeRevocation(tx: TransactionSql, { kind, subject, before, expiresAt }: Revocation): Promise<void> {
  await tx`
    insert into token_revocation (kind, subject, before, expires_at)
    values (${kind}, ${subject}, ${before}, ${expiresAt})
    on conflict (kind, subject) do update
      set before = greatest(token_revocation.before, excluded.before),
          expires_at = greatest(token_revocation.expires_at, excluded.expires_at)`;
  if (kind === 'user') await tx`delete from refresh_family where user_id::text = ${subject}`;
  if (kind === 'client') await tx`delete from refresh_family where client_id = ${subject}`;
}

interface Failure {
  readonly key: string;
  readonly free: number;
  readonly capSeconds: number;
  readonly now: Date;
  readonly stale: Date;
}

/** 20 doublings are beyond every cap. */
const countOne = (sql: Either, { key, free, capSeconds, now, stale }: Failure) => sql`
  insert into login_throttle as t (key, failures, last_failure_at, blocked_until)
  values (${key}, 1, ${now}, ${free < 1 ? new Date(now.getTime() + 1000) : now})
  on conflict (key) do update set
    failures = case when t.last_failure_at < ${stale} then 1 else t.failures + 1 end,
    last_failure_at = ${now},
    blocked_until = ${now}::timestamptz + case
      when t.last_failure_at < ${stale} or t.failures + 1 <= ${free}::int then interval '0'
      else least(${capSeconds}::int, power(2, least(t.failures - ${free}::int, 20))) * interval '1 second' end`;

const words = (text: string): string[] => text.split(' ').filter((word) => word !== '');

const user = (row: Row | undefined): UserRow | undefined =>
  row && {
    id: row.id,
    name: row.name,
    verifier: row.verifier,
    scopes: words(row.scopes),
    createdAt: row.created_at,
  };

const client = (row: Row | undefined): ClientRow | undefined =>
  row && {
    id: row.id,
    verifier: row.verifier,
    grantTypes: words(row.grant_types) as GrantType[],
    scopes: words(row.scopes),
    createdAt: row.created_at,
  };
