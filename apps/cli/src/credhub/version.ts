declare const CREDPLEX_CLI_VERSION: string | undefined;

/** Set when the command line is bundled; from the sources it is `dev`, as in the original. */
export const CLI_VERSION = typeof CREDPLEX_CLI_VERSION === 'string' ? CREDPLEX_CLI_VERSION : 'dev';
