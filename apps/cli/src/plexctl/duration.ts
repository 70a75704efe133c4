import { usageFailure } from './usage.ts';

const secondsOf: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1 };

/**
 * Whole seconds of a duration such as `720h` or `1h30m`, as Go writes them, in hours, minutes and seconds.
 * @throws CommandFailure (exit 2) for anything else
 */
export function requireSeconds(flag: string, text: string): number {
  const parts = /^(?:\d{1,9}(?:\.\d{1,9})?[hms])+$/.test(text) ? text.matchAll(/([\d.]+)([hms])/g) : [];
  let seconds = 0;
  for (const [, amount, unit = ''] of parts) seconds += Number(amount) * (secondsOf[unit] ?? 0);
  if (seconds < 1 || !Number.isInteger(seconds)) {
    throw usageFailure(`--${flag} must be a duration of whole seconds, such as 720h or 1h30m.`);
  }
  return seconds;
}
