/** Keeps the OpenBao token alive, and says early when it cannot. */
import type { Storage } from '@credplex/storage';
import type { Job } from './background.ts';

interface TokenLog {
  warn(fields: Readonly<Record<string, unknown>>, text: string): void;
}

/**
 * Returns the job that renews the token. A token that ends for good is logged when that is noticed, and each time when only
 * half of what was left then is left.
 */
export function vaultTokenJob(openbao: NonNullable<Storage['openbao']>, log: TokenLog): Job {
  let warnedSecondsLeft = Number.POSITIVE_INFINITY;
  let hasWarnedOfUnknown = false;
  return {
    name: 'vault token',
    everySeconds: 60,
    async run() {
      const { end, secondsLeft = 0, nextLookSeconds, text } = await openbao.keepToken();
      if (end === 'unknown' && !hasWarnedOfUnknown) {
        hasWarnedOfUnknown = true;
        log.warn({ vault: 'openbao' }, text);
      }
      if (end !== 'final') {
        warnedSecondsLeft = Number.POSITIVE_INFINITY;
      } else if (secondsLeft <= warnedSecondsLeft / 2 || secondsLeft > warnedSecondsLeft) {
        warnedSecondsLeft = secondsLeft;
        log.warn({ vault: 'openbao', seconds_left: Math.floor(secondsLeft) }, text);
      }
      return nextLookSeconds;
    },
  };
}
