import { CredError } from '../errors.ts';

/** A name that is deleted and made anew in a loop could keep one request busy for ever. */
const MAX_RETRIES = 2;

/**
 * Runs an operation that reads a row and opens its value. A value that a vault keeps apart from its row may be destroyed
 * between the two, because another caller deletes the name: the operation is then run once more, and sees what is there
 * now. A value that is missing while its row stays fails as before.
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
