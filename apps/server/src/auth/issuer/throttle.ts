/**
 * Wrong logins are slowed: per account and address quickly, per account and per address generously, so that a stranger can
 * neither guess on nor lock an owner out from elsewhere. Counters live in the database; replicas count together.
 */
import { createHash } from 'node:crypto';
import type { AccountRecords, Clock } from '@credplex/core';

/** Failures older than this are forgotten. */
const WINDOW_SECONDS = 900;

/** `free` failures cost nothing; then 1, 2, 4 … seconds up to the cap, during which no attempt is looked at. */
const LIMITS = {
  pair: { free: 5, capSeconds: 300 },
  account: { free: 30, capSeconds: 30 },
  address: { free: 200, capSeconds: 300 },
} as const;

export interface LoginThrottle {
  /** Seconds to wait before the next attempt is looked at; 0 = go on. */
  waitSeconds(account: string, address: string): Promise<number>;
  failed(account: string, address: string): Promise<void>;
  /** A right login clears what the account has gathered, not what the address did to others. */
  succeeded(account: string, address: string): Promise<void>;
}

/** `account` is `user:<name>` or `client:<id>`, as sent; existing or not makes no difference. */
export function createLoginThrottle(deps: { accounts: AccountRecords; clock: Clock }): LoginThrottle {
  return {
    async waitSeconds(account, address) {
      const rows = await deps.accounts.throttles(keysOf(account, address).map(({ key }) => key));
      const until = Math.max(0, ...rows.map((row) => row.blockedUntil.getTime()));
      return Math.max(0, Math.ceil((until - deps.clock.now().getTime()) / 1000));
    },
    async failed(account, address) {
      await deps.accounts.countFailure({
        keys: keysOf(account, address),
        now: deps.clock.now(),
        windowSeconds: WINDOW_SECONDS,
      });
    },
    async succeeded(account, address) {
      const [pair, whole] = keysOf(account, address);
      const rows = await deps.accounts.throttles([pair.key, whole.key]);
      if (rows.length > 0) await deps.accounts.clearThrottles([pair.key, whole.key]);
    },
  };
}

/** Names typed by strangers may be passwords typed into the wrong field, so the table holds digests. */
const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');

function keysOf(account: string, address: string) {
  return [
    { key: `pair:${digest(`${account}\n${address}`)}`, ...LIMITS.pair },
    { key: `account:${digest(account)}`, ...LIMITS.account },
    { key: `address:${digest(address)}`, ...LIMITS.address },
  ] as const;
}
