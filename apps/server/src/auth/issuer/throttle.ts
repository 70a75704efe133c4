/**
 * Wrong logins are slowed: per account and address quickly, per account and per address generously, so that a stranger can
 * neither guess on nor lock an owner out from elsewhere. Counters live in the database; replicas count together.
 *
 * Whoever has the right generated secret never waits: it cannot be guessed, and nobody behind the same load balancer can
 * keep a BOSH director out.
 */
import { createHash } from 'node:crypto';
import type { AccountRecords, Clock, Secret, Verifier } from '@credplex/core';
import { createConcurrencyLimits } from './concurrency-limit.ts';
import { tooManyFailures } from './errors.ts';
import { PUBLIC_CLIENT, type Verifiers } from './verifiers.ts';

/** Logins of one account that may wait for their turn. */
const MAX_WAITING = 64;
/** Failures older than this are forgotten. */
const WINDOW_SECONDS = 900;

/** `free` failures cost nothing; then 1, 2, 4 … seconds up to the cap, during which no attempt is looked at. */
const LIMITS = {
  pair: { free: 5, capSeconds: 300 },
  account: { free: 30, capSeconds: 30 },
  address: { free: 200, capSeconds: 30 },
} as const;

interface Login {
  /** `user:<name>` or `client:<id>`, as sent; existing or not makes no difference. */
  readonly account: string;
  readonly address: string;
  readonly secret: Secret;
  readonly verifier: Verifier | undefined;
}

/** Whether the secret is right. @throws IssuerError while the account or address has to wait; TooManyLogins */
export type CheckLogin = (login: Login) => Promise<boolean>;

export function createCheckLogin(deps: {
  readonly accounts: AccountRecords;
  readonly clock: Clock;
  readonly verifiers: Verifiers;
}): CheckLogin {
  const { accounts, clock, verifiers } = deps;
  const runSerially = createConcurrencyLimits(MAX_WAITING);

  const checkThrottled = async ({ account, address, secret, verifier }: Login): Promise<boolean> => {
    const keys = keysOf(account, address);
    const rows = await accounts.throttles(keys.map(({ key }) => key));
    const until = Math.max(0, ...rows.map(({ blockedUntil }) => blockedUntil.getTime()));
    const wait = Math.ceil((until - clock.now().getTime()) / 1000);
    if (wait > 0) throw tooManyFailures(wait);
    if (await verifiers.check(secret, verifier)) return true;
    await accounts.countFailure({ keys, now: clock.now(), windowSeconds: WINDOW_SECONDS });
    return false;
  };

  return async (login) => {
    const { account, address, secret, verifier } = login;
    // There is nothing to guess; and counting would let anybody keep every user of the command line waiting.
    if (verifier === PUBLIC_CLIENT) return verifiers.check(secret, verifier);
    // One after another, so that guesses sent all at once wait like those sent one by one.
    const isRight =
      verifiers.matchesGenerated(secret, verifier) || (await runSerially(account, () => checkThrottled(login)));
    if (!isRight) return false;
    const [pair, whole] = keysOf(account, address);
    // What the address did to others stays.
    const rows = await accounts.throttles([pair.key, whole.key]);
    if (rows.length > 0) await accounts.clearThrottles(rows.map(({ key }) => key));
    return true;
  };
}

/** Names typed by strangers may be passwords typed into the wrong field, so the table holds digests. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

function keysOf(account: string, address: string) {
  return [
    { key: `pair:${digest(`${account}\n${address}`)}`, ...LIMITS.pair },
    { key: `account:${digest(account)}`, ...LIMITS.account },
    { key: `address:${digest(address)}`, ...LIMITS.address },
  ] as const;
}
