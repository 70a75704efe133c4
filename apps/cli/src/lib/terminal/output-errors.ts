/** Go's error texts for failed writes to stdout. */
const REASONS: Readonly<Record<string, string>> = {
  EBADF: 'bad file descriptor',
  EDQUOT: 'disk quota exceeded',
  EFBIG: 'file too large',
  EIO: 'input/output error',
  ENOSPC: 'no space left on device',
};

/**
 * Ends the process once stdout fails: silently and with 0 when its reader has gone, as `head` does, else with 1 and one
 * line, which `render` makes of the reason. A stderr that fails is passed over, since there is nowhere left to say so.
 */
export function endOnOutputErrors(render: (reason: string) => string): void {
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    const code = error.code ?? 'unknown error';
    process.stderr.write(render(`write /dev/stdout: ${REASONS[code] ?? code}`));
    process.exit(1);
  });
}
