/** The command cannot do what was asked. Printed as one line; exit status 1. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** The words make no sense; printed with a pointer to the command's help. Exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
