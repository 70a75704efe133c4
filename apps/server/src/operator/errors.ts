/** The command cannot do what was requested. Printed as one line; exit status 1. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** The arguments are invalid. Printed with a pointer to the command's help; exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
