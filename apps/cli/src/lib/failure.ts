/** Ends a command: the message goes to stderr in red, the number becomes the exit code. */
export class CommandFailure extends Error {
  override readonly name: string = 'CommandFailure';
  readonly exitCode: number;
  constructor(message: string, options: { readonly exitCode?: number; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.exitCode = options.exitCode ?? 1;
  }
}

/** Ends a command with a help text, which is not coloured. */
export class UsageFailure extends CommandFailure {
  override readonly name = 'UsageFailure';
}

/** Ends a command without a message, such as `curl --fail` on an error status. */
export class SilentExit extends CommandFailure {
  override readonly name = 'SilentExit';
  constructor(exitCode: number) {
    super('', { exitCode });
  }
}

/** There is no valid login. An import stops at this error instead of reporting it for one entry. */
export class LoginFailure extends CommandFailure {
  override readonly name = 'LoginFailure';
}

/** The server returned an error; `message` is its text (docs/reference/credhub-cli.md#requests). */
export class ServerFailure extends CommandFailure {
  override readonly name = 'ServerFailure';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export const NO_TARGET =
  'An API target is not set. Please target the location of your server with `credhub api --server api.example.com` to continue.';
export const NOT_LOGGED_IN = 'You are not currently authenticated. Please log in to continue.';
