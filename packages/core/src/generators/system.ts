/** Implements the ports for time and randomness with the operating system. */
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { Clock, Entropy } from '../ports/clock.ts';

export const systemClock: Clock = { now: () => new Date() };

export const systemEntropy: Entropy = {
  bytes: (n) => randomBytes(n),
  below: (limit) => randomInt(limit),
  uuid: () => randomUUID(),
};
