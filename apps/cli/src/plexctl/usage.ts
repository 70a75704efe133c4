import { isUuid, NIL_UUID } from '@credplex/core/uuid';
import { CommandFailure } from '../lib/failure.ts';
import { exitCodes } from './exit-codes.ts';

/** Ends a command because of invalid usage. The message never contains a value, which may be secret. */
export function usageFailure(message: string): CommandFailure {
  return new CommandFailure(message, { exitCode: exitCodes.usage });
}

/** The UUID in lower case. @throws CommandFailure (exit 2) if it is none, or the one of all zeros. */
export function requireUuid(what: string, text: string): string {
  const lower = text.toLowerCase();
  if (!isUuid(lower) || lower === NIL_UUID) throw usageFailure(`${what} must be a UUID.`);
  return lower;
}
