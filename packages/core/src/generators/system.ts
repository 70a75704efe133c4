/** The ports for time and randomness outside tests. */
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { Clock, Entropy } from '../ports/clock.ts';

export const systemClock: Clock = { now: () => new Date() };

export const systemEntropy: Entropy = {
  bytes: (n) => randomBytes(n),
  below: (limit) => randomInt(limit),
  uuid: () => randomUUID(),
};
