/**
 * Throttles failed logins: strictly per pair of account and address, leniently per account and per address. So an attacker can
 * neither keep guessing nor lock out the owner, who uses another address. The counters are in the database, shared by all replicas.
 *
 * A correct generated secret is never throttled: it cannot be guessed, and other clients behind the same load balancer must not lock
 * out a BOSH director.
 */
import { createHash } from 'node:crypto';
import type { AccountRecords, Clock, Secret, Verifier } from '@credplex/core';
import { type Coordination, localCoordination } from '../../coordination.ts';
import { tooManyFailures } from './errors.ts';
import { PUBLIC_CLIENT, type Verifiers } from './verifiers.ts';

/** Failures older than this are not counted. */
const WINDOW_SECONDS = 900;

/** `free` failures cause no delay; then attempts are refused for 1, 2, 4 … seconds, up to the cap. */
const LIMITS = {
  pair: { free: 5, capSeconds: 300 },
  account: { free: 30, capSeconds: 30 },
  address: { free: 200, capSeconds: 30 },
} as const;

interface Login {
  /** `user:<name>` or `client:<id>` as sent, whether or not it exists. */
  readonly account: string;
  readonly address: string;
  readonly secret: Secret;
  readonly verifier: Verifier | undefined;
}

/** Returns whether the secret is correct. @throws IssuerError while the account or address is blocked; TooManyLogins */
export type CheckLogin = (login: Login) => Promise<boolean>;

export function createCheckLogin(deps: {
  readonly accounts: AccountRecords;
  readonly clock: Clock;
  readonly verifiers: Verifiers;
  /** Default: of a server with one process. */
  readonly coordination?: Pick<Coordination, 'inTurn'> | undefined;
}): CheckLogin {
  const { accounts, clock, verifiers, coordination = localCoordination() } = deps;
  const { inTurn } = coordination;

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
    // A public client has no secret to guess, and counting would let anybody block all users of the command line.
    if (verifier === PUBLIC_CLIENT) return verifiers.check(secret, verifier);
    // Serialised per account, so that concurrent guesses are throttled like sequential ones.
    const isRight =
      verifiers.matchesGenerated(secret, verifier) || (await inTurn(digest(account), () => checkThrottled(login)));
    if (!isRight) return false;
    const [pair, whole] = keysOf(account, address);
    // The counter of the address stays, because it includes failures on other accounts.
    const rows = await accounts.throttles([pair.key, whole.key]);
    if (rows.length > 0) await accounts.clearThrottles(rows.map(({ key }) => key));
    return true;
  };
}

/** Hashes account names, because users sometimes type a password into the field of the name. */
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
