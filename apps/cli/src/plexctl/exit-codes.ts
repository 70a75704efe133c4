/** Exit codes of plexctl, on which scripts depend (docs/reference/plexsphere-v1.md#exit-codes). */
export const exitCodes = {
  failure: 1,
  /** The line can't be understood: a missing flag, a malformed UUID, a value outside its list. */
  usage: 2,
  unauthenticated: 3,
  notFound: 4,
  conflict: 5,
  /** 403, or `rebac check` that was answered "denied". */
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
