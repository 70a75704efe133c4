import type { Host } from './host.ts';

/**
 * Returns an error for stderr, red even where nobody sees colours
 * (docs/reference/credhub-cli.md#streams-and-exit-codes).
 */
export function red(message: string): string {
  return `\x1b[1;31m${message}\x1b[0m\n`;
}

/** A notice on stderr, always yellow. */
export function yellow(message: string): string {
  return `\x1b[1;33m${message}\x1b[0m\n`;
}

/** A warning on stdout: coloured only for a terminal that wants colours. */
export function warning(host: Host, message: string, colour: 'yellow' | 'red'): string {
  const wanted = host.outIsTerminal && !host.env.NO_COLOR && host.env.TERM !== 'dumb';
  return wanted ? `\x1b[1;${colour === 'yellow' ? 33 : 31}m${message}\x1b[22;0m\n` : `${message}\n`;
}
