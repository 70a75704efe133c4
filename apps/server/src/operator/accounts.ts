import type { AccountRecords, ClientRow, UserRow } from '@credplex/core';
import { isPlausibleName } from '../auth/issuer/client-authentication.ts';
import type { Runtime } from '../runtime.ts';
import type { CommandContext } from './command.ts';
import { CommandError } from './errors.ts';

/** Opens the stores of a command, with the account records. */
export async function openAccounts(context: CommandContext): Promise<Runtime & { readonly accounts: AccountRecords }> {
  const runtime = await context.open();
  return { ...runtime, accounts: runtime.storage.accounts };
}

/** Returns the user of a name. @throws CommandError when there is none */
export async function requireUser(context: CommandContext, name: string): Promise<UserRow> {
  const { accounts } = await openAccounts(context);
  const user = isPlausibleName(name) ? await accounts.userByName(name) : undefined;
  if (user === undefined) throw new CommandError(`there is no user ${JSON.stringify(name)}`);
  return user;
}

/** Returns the client of an id. @throws CommandError when there is none */
export async function requireClient(context: CommandContext, id: string): Promise<ClientRow> {
  const { accounts } = await openAccounts(context);
  const client = isPlausibleName(id) ? await accounts.clientById(id) : undefined;
  if (client === undefined) throw new CommandError(`there is no client ${JSON.stringify(id)}`);
  return client;
}
