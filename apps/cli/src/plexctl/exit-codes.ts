/** Exit codes of plexctl, on which scripts depend (docs/reference/plexsphere-v1.md#exit-codes). */
export const exitCodes = {
  failure: 1,
  /** Invalid usage: a missing flag, a malformed UUID, a value that is not allowed. */
  usage: 2,
  unauthenticated: 3,
  notFound: 4,
  conflict: 5,
  /** 403, or the decision "denied" of `rebac check`. */
  denied: 77,
} as const;

/** The exit code for the status of a refused request. */
export function exitCodeOf(status: number): number {
  switch (status) {
    case 401:
      return exitCodes.unauthenticated;
    case 403:
      return exitCodes.denied;
    case 404:
      return exitCodes.notFound;
    case 409:
      return exitCodes.conflict;
    default:
      return exitCodes.failure;
  }
}
