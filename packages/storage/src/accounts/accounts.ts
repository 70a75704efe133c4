/** {@link AccountRecords} on PostgreSQL: users, clients and revocations. Refresh tokens and throttles are in separate files. */
import type { AccountRecords, AuditEvent, Revocation } from '@credplex/core';
import { eq, gt, lt, lte, notExists, sql } from 'drizzle-orm';
import { writeAudit } from '../audit/audit-event.ts';
import type { Database, Transaction } from '../postgres/database.ts';
import { select } from '../postgres/fragments.ts';
import { defineStatement } from '../postgres/statement.ts';
import {
  accountClient,
  accountUser,
  firstOperator,
  loginThrottle,
  refreshFamily,
  refreshToken,
  tokenRevocation,
} from '../schema/index.ts';
import {
  CLIENT_BY_ID,
  clientColumns,
  insertClient,
  insertUser,
  toClient,
  toUser,
  USER_BY_ID,
  USER_BY_NAME,
  userColumns,
} from './account-rows.ts';
import { loginThrottles } from './login-throttles.ts';
import { refreshTokens } from './refresh-tokens.ts';
import { storeRevocation } from './token-revocations.ts';

const FIRST_OPERATOR = defineStatement(
  () => sql<{ userId: string }>`
    select ${select({ userId: firstOperator.userId })} from ${firstOperator} where ${firstOperator.isOnly}`,
);

/**
 * Stores a change with its audit event and revocation in one transaction. `change` returns the changed rows; without any, nothing
 * is stored.
 */
function changeWithAudit(
  database: Database,
  change: (tx: Transaction) => Promise<object[]>,
  event: AuditEvent,
  revocation?: Revocation,
): Promise<boolean> {
  return database.transaction(async (tx) => {
    if ((await change(tx)).length === 0) return false;
    if (revocation !== undefined) await storeRevocation(tx, revocation);
    await writeAudit(tx, [event]);
    return true;
  });
}

/** A login whose last token has gone goes with it: a statement of its own sees a successor that was added meanwhile. */
async function purgeLogins(tx: Transaction, now: Date): Promise<void> {
  await tx.queries.delete(refreshToken).where(lte(refreshToken.expiresAt, now));
  const ofFamily = tx.queries
    .select({ hash: refreshToken.hash })
    .from(refreshToken)
    .where(eq(refreshToken.family, refreshFamily.id));
  await tx.queries.delete(refreshFamily).where(notExists(ofFamily));
}

const purge = (database: Database, now: Date, throttlesBefore: Date): Promise<void> =>
  database.transaction(async (tx) => {
    await purgeLogins(tx, now);
    await tx.queries.delete(tokenRevocation).where(lte(tokenRevocation.expiresAt, now));
    await tx.queries.delete(loginThrottle).where(lt(loginThrottle.lastFailureAt, throttlesBefore));
  });

type Users = Pick<
  AccountRecords,
  'createUser' | 'userByName' | 'userById' | 'listUsers' | 'setUserVerifier' | 'deleteUser'
>;
function users(database: Database): Users {
  return {
    createUser: async (user, event) =>
      (await changeWithAudit(database, (tx) => insertUser(tx, user), event)) ? 'created' : 'exists',
    userByName: async (name) => (await database.read(USER_BY_NAME, { name })).map(toUser)[0],
    userById: async (id) => (await database.read(USER_BY_ID, { id })).map(toUser)[0],
    listUsers: async () => {
      const rows = await database.slowQuery((queries) =>
        queries.select(userColumns).from(accountUser).orderBy(accountUser.name),
      );
      return rows.map(toUser);
    },
    setUserVerifier: (id, verifier, revocation, event) => {
      const change = async (tx: Transaction): Promise<object[]> =>
        tx.queries
          .update(accountUser)
          .set({ verifier })
          .where(eq(accountUser.id, id))
          .returning({ id: accountUser.id });
      return changeWithAudit(database, change, event, revocation);
    },
    deleteUser: (id, revocation, event) => {
      const change = async (tx: Transaction): Promise<object[]> =>
        tx.queries.delete(accountUser).where(eq(accountUser.id, id)).returning({ id: accountUser.id });
      return changeWithAudit(database, change, event, revocation);
    },
  };
}

type Clients = Pick<
  AccountRecords,
  'createClient' | 'clientById' | 'listClients' | 'setClientVerifier' | 'deleteClient'
>;
function clients(database: Database): Clients {
  return {
    createClient: async (client, event) =>
      (await changeWithAudit(database, (tx) => insertClient(tx, client), event)) ? 'created' : 'exists',
    clientById: async (id) => (await database.read(CLIENT_BY_ID, { id })).map(toClient)[0],
    listClients: async () => {
      const rows = await database.slowQuery((queries) =>
        queries.select(clientColumns).from(accountClient).orderBy(accountClient.id),
      );
      return rows.map(toClient);
    },
    setClientVerifier: (id, verifier, revocation, event) => {
      const change = async (tx: Transaction): Promise<object[]> =>
        tx.queries
          .update(accountClient)
          .set({ verifier })
          .where(eq(accountClient.id, id))
          .returning({ id: accountClient.id });
      return changeWithAudit(database, change, event, revocation);
    },
    deleteClient: (id, revocation, event) => {
      const change = async (tx: Transaction): Promise<object[]> =>
        tx.queries.delete(accountClient).where(eq(accountClient.id, id)).returning({ id: accountClient.id });
      return changeWithAudit(database, change, event, revocation);
    },
  };
}

export function createAccountRecords(database: Database): AccountRecords {
  return {
    firstOperator: async () => (await database.read(FIRST_OPERATOR, {}))[0]?.userId,
    claimFirstOperator: async ({ user, clients: first, audit }) => {
      const claim = async (tx: Transaction): Promise<object[]> => {
        const claimed = await tx.queries
          .insert(firstOperator)
          .values({ userId: user.id, createdAt: user.createdAt })
          .onConflictDoNothing()
          .returning({ isOnly: firstOperator.isOnly });
        if (claimed.length === 0) return [];
        await insertUser(tx, user);
        for (const client of first) await insertClient(tx, client);
        return claimed;
      };
      return (await changeWithAudit(database, claim, audit)) ? 'claimed' : 'taken';
    },

    ...users(database),
    ...clients(database),
    ...refreshTokens(database),
    ...loginThrottles(database),

    revoke: (revocation) => database.transaction((tx) => storeRevocation(tx, revocation)),
    revocations: (now) =>
      database.slowQuery((queries) => queries.select().from(tokenRevocation).where(gt(tokenRevocation.expiresAt, now))),
    purge: (now, throttlesBefore) => purge(database, now, throttlesBefore),
  };
}
