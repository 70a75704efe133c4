/** Maps responses of OpenBao to errors. No response text is passed on: it might quote the request. */
import { CredError } from '@credplex/core';
import type { Answer } from './openbao-answer.ts';
import { OPENBAO } from './openbao-name.ts';

/** Returns the error for a vault that is temporarily unavailable. */
export function unavailable(reason: string): CredError {
  return new CredError('vault_unavailable', { vault: OPENBAO.title }, { cause: new Error(`OpenBao: ${reason}`) });
}

/** Returns the error for a permanent refusal: an operator must change token, policy, mount or configuration. */
export function refusal(reason: string): CredError {
  return new CredError('vault_refused', {}, { cause: new Error(`OpenBao: ${reason}`) });
}

/** Returns the error for a row or a document that is not what was written. `path` is for the log. */
export function corrupt(path: string, reason: string): CredError {
  return new CredError('vault_corrupt', {}, { cause: new Error(`OpenBao: ${path}: ${reason}`) });
}

/** Returns the error for a value above the size limit of OpenBao. */
export function tooLarge(): CredError {
  return new CredError('request_body_too_large', {}, { cause: new Error('OpenBao: the value is too large for it') });
}

export function errorTextOf({ json }: Answer): string {
  return Array.isArray(json?.errors) ? json.errors.join('\n') : '';
}

/** Raft refuses entries over its limit (1 MiB by default) with status 500, the listener bodies over 32 MiB with 413. */
export function isTooLarge(answer: Answer): boolean {
  return answer.status === 413 || (answer.status === 500 && errorTextOf(answer).includes('value being too large'));
}

/** The 404 of an absent key has no error text; that of an absent mount or of a path unknown to its engine has one. */
export function isMissingMount(answer: Answer): boolean {
  return answer.status === 404 && errorTextOf(answer) !== '';
}

/**
 * Whether the response may come from a standby that has not applied the write yet: it answers 404 for a new path, and 429
 * without an error text for a request whose `X-Vault-Index` it has not reached.
 */
export function mayBeStandbyLag(answer: Answer): boolean {
  return (answer.status === 404 || answer.status === 429) && errorTextOf(answer) === '';
}

/** Returns the error for an unexpected response. `operation` is for the log. */
export function toVaultError(operation: string, answer: Answer): CredError {
  const { status } = answer;
  if (status === 403) {
    // A valid token that its policy denies gets a longer text.
    return errorTextOf(answer) === 'permission denied'
      ? refusal(`${operation}: the token is unknown, expired or revoked`)
      : refusal(`${operation}: permission denied`);
  }
  if (isMissingMount(answer)) return refusal(`${operation}: there is no KV-v2 engine at the mount`);
  return status < 400 || status === 429 || status >= 500
    ? unavailable(`${operation}: status ${status}`)
    : refusal(`${operation}: status ${status}`);
}
