import { CredError } from '../errors.ts';

/** Bounds the retries of one request while other callers keep deleting and recreating the name. */
const MAX_RETRIES = 2;

/**
 * Runs an operation that reads a row and then opens its value, and retries it when the value is missing. Another caller
 * may delete the name between the two steps, which destroys the value in a remote vault. A value that stays missing
 * while its row exists still fails with `vault_value_missing`.
 */
export async function retryWhenDeleted<Result>(operation: () => Promise<Result>): Promise<Result> {
  for (let retries = 0; ; retries += 1) {
    try {
      return await operation();
    } catch (error) {
      const isMissing = error instanceof CredError && error.code === 'vault_value_missing';
      if (!isMissing || retries === MAX_RETRIES) throw error;
    }
  }
}
