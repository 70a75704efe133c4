import { expect, test } from 'vitest';
import { CredError, type ErrorCode } from '../errors.ts';
import { retryWhenDeleted } from './deleted-meanwhile.ts';

/** An operation that fails with these codes, one after the other, and then succeeds. */
function failing(...codes: ErrorCode[]) {
  const left = [...codes];
  return async (): Promise<string> => {
    const code = left.shift();
    if (code !== undefined) throw new CredError(code);
    return 'done';
  };
}

function codeOf(result: Promise<unknown>): Promise<unknown> {
  return result.catch((error: unknown) => (error instanceof CredError ? error.code : error));
}

test('an operation whose value is missing runs again and gives what is there then', async () => {
  expect(await retryWhenDeleted(failing('vault_value_missing'))).toBe('done');
  expect(await codeOf(retryWhenDeleted(failing('vault_value_missing', 'credential_not_found')))).toBe(
    'credential_not_found',
  );
});

test('a value that stays missing while its row is there fails', async () => {
  const missing: ErrorCode[] = ['vault_value_missing', 'vault_value_missing', 'vault_value_missing'];
  expect(await codeOf(retryWhenDeleted(failing(...missing)))).toBe('vault_value_missing');
});

test('any other failure is not tried again', async () => {
  expect(await codeOf(retryWhenDeleted(failing('vault_corrupt')))).toBe('vault_corrupt');
  expect(await codeOf(retryWhenDeleted(failing('vault_unavailable')))).toBe('vault_unavailable');
});
