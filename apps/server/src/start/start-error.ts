/** Why the server cannot start: one clear line for the operator, exit status 1. Holds no secret. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** The word of the system (`EACCES`, `ENOSPC` …) as a person says it. */
export function reasonOf(error: unknown): string {
  if (error instanceof StartError) return reasonOf(error.cause);
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EROFS':
      return 'the file system is read-only';
    case 'ENOSPC':
    case 'EDQUOT':
      return 'no space is left';
    case 'ENOENT':
      return 'it does not exist';
    case 'ENOTDIR':
    case 'EEXIST':
      return 'there is a file where a folder should be';
    default:
      return code ?? 'it could not be used';
  }
}
