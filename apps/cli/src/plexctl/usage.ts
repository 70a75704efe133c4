import { CommandFailure } from '../lib/failure.ts';
import { exitCodes } from './exit-codes.ts';

/** Ends a command because its line can't be understood. The message never repeats a value that may be secret. */
export function usageFailure(message: string): CommandFailure {
  return new CommandFailure(message, { exitCode: exitCodes.usage });
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const nil = '00000000-0000-0000-0000-000000000000';

/** The UUID in lower case. @throws CommandFailure (exit 2) if it is none, or the one of all zeros. */
export function requireUuid(what: string, text: string): string {
  const lower = text.toLowerCase();
  if (!uuid.test(lower) || lower === nil) throw usageFailure(`${what} must be a UUID.`);
  return lower;
}
