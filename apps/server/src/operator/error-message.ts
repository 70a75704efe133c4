import { CredError } from '@credplex/core';
import { VAULTS } from '@credplex/storage/vaults';

/** Returns the message for the operator: a text for each of our errors, and only the message of any other error. */
export function messageOf(error: unknown): string {
  if (!(error instanceof CredError)) {
    if (!(error instanceof Error)) return 'something went wrong';
    return databaseMessage(error) ?? error.message;
  }
  switch (error.code) {
    case 'unavailable':
      return 'the database does not answer; is database.url right, and is it running?';
    case 'vault_unavailable':
      return `the vault does not answer; ${adviceFor(error)}`;
    case 'vault_refused':
      return error.cause instanceof Error ? error.cause.message : 'the vault refuses; see credplex doctor';
    case 'encryption_key_missing':
      return 'what is stored is sealed with a key that encryption.keys does not name; keep a key until credplex keys list shows 0 values for it';
    default:
      return `it could not be done (${error.code})`;
  }
}

function adviceFor({ args }: CredError): string {
  return VAULTS.find(({ title }) => title === args.vault)?.advice ?? 'see credplex doctor';
}

/** Describes database errors before a schema exists; messages of the driver may quote a statement and are not shown. */
function databaseMessage(error: Error): string | undefined {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === '28P01' || code === '28000') return 'the database refuses the user or password of database.url';
  if (code === '3D000') return 'the database that database.url names does not exist';
  if (code === '42501') return 'the user of database.url may not make tables in that database';
  const unreachable = /^(ECONN|EHOST|ENET|ETIMEDOUT|ENOTFOUND|EAI_|EPIPE|CONN)/.test(code);
  if (unreachable || error.name === 'PostgresError') {
    return `the database cannot be used (${code}): is database.url right, and is it running?`;
  }
  return undefined;
}
