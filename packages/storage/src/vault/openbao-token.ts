/** The lifetime of the OpenBao token: how long it is still valid, and its renewal after half of the lifetime. */
import { isRecord, type OpenBaoClient } from './openbao-client.ts';
import { errorTextOf, toVaultError, unavailable } from './openbao-errors.ts';
import type { TokenState } from './remote-vault.ts';

interface TokenFacts {
  readonly renewable: boolean;
  readonly secondsLeft: number;
  /** Lifetime after a renewal. */
  readonly lifetimeSeconds: number;
  /** Seconds until `explicit_max_ttl` ends the token; `undefined` without that limit. */
  readonly finalSecondsLeft: number | undefined;
}

const MAX_CHECK_INTERVAL_SECONDS = 3_600;
const FOREVER: TokenState = {
  end: 'never',
  secondsLeft: undefined,
  nextCheckSeconds: MAX_CHECK_INTERVAL_SECONDS,
  text: 'the token does not end',
};
const UNKNOWN: TokenState = {
  end: 'unknown',
  secondsLeft: undefined,
  nextCheckSeconds: MAX_CHECK_INTERVAL_SECONDS,
  text: 'the token may not look at itself (auth/token/lookup-self), so that its end is not known and it is not renewed',
};

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

/** Returns a duration in its largest unit of which there are at least two, such as `36 hours`. */
function durationText(seconds: number): string {
  for (const [size, unit] of [
    [86_400, 'days'],
    [3_600, 'hours'],
    [60, 'minutes'],
  ] as const) {
    if (seconds >= 2 * size) return `${Math.floor(seconds / size)} ${unit}`;
  }
  return `${Math.floor(seconds)} seconds`;
}

async function lookUpToken(client: OpenBaoClient): Promise<TokenFacts | 'forever' | 'unknown'> {
  const answer = await client.request('GET', 'auth/token/lookup-self');
  // Every other refusal comes from the token's policy.
  if (answer.status === 403 && errorTextOf(answer) === 'permission denied') throw toVaultError('token lookup', answer);
  const data = answer.status === 200 && isRecord(answer.json?.data) ? answer.json.data : undefined;
  if (data === undefined) return 'unknown';
  if (typeof data.expire_time !== 'string') return 'forever';
  const secondsLeft = numberOf(data.ttl);
  const longest = numberOf(data.explicit_max_ttl);
  // Computed from OpenBao's own times, because the local clock may differ.
  const age = Date.parse(data.expire_time) / 1000 - secondsLeft - numberOf(data.creation_time);
  return {
    renewable: data.renewable === true && data.type !== 'batch',
    secondsLeft,
    lifetimeSeconds: numberOf(data.period) || numberOf(data.creation_ttl),
    finalSecondsLeft: longest > 0 ? Math.max(secondsLeft, longest - age) : undefined,
  };
}

function describeToken({
  renewable,
  secondsLeft,
  lifetimeSeconds: lifeSeconds,
  finalSecondsLeft,
}: TokenFacts): TokenState {
  const half = lifeSeconds / 2;
  const due = renewable && secondsLeft > half ? secondsLeft - half : secondsLeft / 2;
  const nextCheckSeconds = Math.min(Math.max(due, 1), MAX_CHECK_INTERVAL_SECONDS);
  const last = renewable ? finalSecondsLeft : secondsLeft;
  if (last === undefined) {
    const text = `the token has ${durationText(secondsLeft)} left and is renewed while a server runs`;
    return { end: 'renewed', secondsLeft, nextCheckSeconds, text };
  }
  const text = `the token ends for good in ${durationText(last)}: give another one (vault.openbao.token; a token file is read again)`;
  return { end: 'final', secondsLeft: last, nextCheckSeconds, text };
}

/** Reports the remaining lifetime of the token. @throws CredError `vault_unavailable`, `vault_refused` (token ended) */
export async function inspectToken(client: OpenBaoClient): Promise<TokenState> {
  const facts = await lookUpToken(client);
  if (facts === 'forever') return FOREVER;
  return facts === 'unknown' ? UNKNOWN : describeToken(facts);
}

/**
 * Reads the token file again, and renews the token when half of its lifetime is over.
 * @throws CredError `vault_unavailable`, `vault_refused` (token ended)
 */
export async function renewTokenIfDue(client: OpenBaoClient): Promise<TokenState> {
  client.reloadToken();
  const facts = await lookUpToken(client);
  if (facts === 'forever') return FOREVER;
  if (facts === 'unknown') return UNKNOWN;
  if (!facts.renewable || facts.secondsLeft > facts.lifetimeSeconds / 2) return describeToken(facts);
  // Without an increment OpenBao repeats the last one, which another client may have shortened.
  const body = { increment: `${facts.lifetimeSeconds}s` };
  const answer = await client.request('POST', 'auth/token/renew-self', { body, repeatable: true });
  // "lease is not renewable", or a policy without renew-self.
  if (answer.status === 400 || answer.status === 403) return describeToken({ ...facts, renewable: false });
  const auth = isRecord(answer.json?.auth) ? answer.json.auth : undefined;
  if (answer.status !== 200 || auth === undefined) throw unavailable(`token renewal: status ${answer.status}`);
  const secondsLeft = numberOf(auth.lease_duration);
  // A shorter lifetime than requested means that the token has reached its maximum TTL.
  const isCapped = secondsLeft < facts.lifetimeSeconds - 1;
  return describeToken({ ...facts, secondsLeft, finalSecondsLeft: isCapped ? secondsLeft : facts.finalSecondsLeft });
}
