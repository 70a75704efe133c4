/** Keeps the token of a vault alive, and says early when it cannot. */
import type { ConfiguredVault } from '@credplex/storage/vaults';
import type { Job } from './background.ts';

interface TokenLog {
  warn(fields: Readonly<Record<string, unknown>>, text: string): void;
}

/**
 * Returns the job that renews the token; `undefined` for a vault whose access does not end. A token that ends for good is logged when that is noticed, and each time when only
 * half of what was left then is left.
 */
export function vaultTokenJob({ kind, vault }: ConfiguredVault, log: TokenLog): Job | undefined {
  const { renewTokenIfDue } = vault;
  if (renewTokenIfDue === undefined) return undefined;
  let warnedSecondsLeft = Number.POSITIVE_INFINITY;
  let hasWarnedOfUnknown = false;
  return {
    name: 'vault token',
    everySeconds: 60,
    async run() {
      const { end, secondsLeft = 0, nextCheckSeconds, text } = await renewTokenIfDue();
      if (end === 'unknown' && !hasWarnedOfUnknown) {
        hasWarnedOfUnknown = true;
        log.warn({ vault: kind }, text);
      }
      if (end !== 'final') {
        warnedSecondsLeft = Number.POSITIVE_INFINITY;
      } else if (secondsLeft <= warnedSecondsLeft / 2 || secondsLeft > warnedSecondsLeft) {
        warnedSecondsLeft = secondsLeft;
        log.warn({ vault: kind, seconds_left: Math.floor(secondsLeft) }, text);
      }
      return nextCheckSeconds;
    },
  };
}
