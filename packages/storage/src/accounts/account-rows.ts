/** Statements and conversions for rows of users and clients. Lists are stored as words separated by one space. */
import type { ClientRow, GrantType, UserRow } from '@credplex/core';
import { sql } from 'drizzle-orm';
import type { Transaction } from '../postgres/database.ts';
import { type RowOf, select } from '../postgres/fragments.ts';
import { defineStatement, type Parameters } from '../postgres/statement.ts';
import { accountClient, accountUser } from '../schema/index.ts';

export const userColumns = {
  id: accountUser.id,
  name: accountUser.name,
  verifier: accountUser.verifier,
  scopes: accountUser.scopes,
  createdAt: accountUser.createdAt,
};
export const clientColumns = {
  id: accountClient.id,
  verifier: accountClient.verifier,
  grantTypes: accountClient.grantTypes,
  scopes: accountClient.scopes,
  createdAt: accountClient.createdAt,
};
type UserRecord = RowOf<typeof userColumns>;
type ClientRecord = RowOf<typeof clientColumns>;

export const USER_BY_NAME = defineStatement(
  (p: Parameters<{ name: string }>) => sql<UserRecord>`
    select ${select(userColumns)} from ${accountUser} where ${accountUser.name} = ${p.name}`,
);
export const USER_BY_ID = defineStatement(
  (p: Parameters<{ id: string }>) => sql<UserRecord>`
    select ${select(userColumns)} from ${accountUser} where ${accountUser.id} = ${p.id}`,
);
export const CLIENT_BY_ID = defineStatement(
  (p: Parameters<{ id: string }>) => sql<ClientRecord>`
    select ${select(clientColumns)} from ${accountClient} where ${accountClient.id} = ${p.id}`,
);

function toWords(text: string): string[] {
  return text.split(' ').filter((word) => word !== '');
}

export function toUser(row: UserRecord): UserRow {
  return { ...row, scopes: toWords(row.scopes) };
}
export function toClient(row: ClientRecord): ClientRow {
  return {
    ...row,
    scopes: toWords(row.scopes),
    grantTypes: toWords(row.grantTypes) as GrantType[],
  };
}

/** Inserts a user; resolves to an empty list when its id or name is taken. */
export function insertUser(tx: Transaction, user: UserRow): Promise<object[]> {
  return tx.queries
    .insert(accountUser)
    .values({ ...user, scopes: user.scopes.join(' ') })
    .onConflictDoNothing()
    .returning({ id: accountUser.id });
}

/** Inserts a client; resolves to an empty list when its id is taken. */
export function insertClient(tx: Transaction, client: ClientRow): Promise<object[]> {
  return tx.queries
    .insert(accountClient)
    .values({ ...client, grantTypes: client.grantTypes.join(' '), scopes: client.scopes.join(' ') })
    .onConflictDoNothing()
    .returning({ id: accountClient.id });
}
