/** The first start's operator on Plexsphere's side: administrator of the platform, with a token. */
import type { Caller } from '../caller.ts';
import { grantRelation } from '../rebac/grants.ts';
import { PLATFORM } from '../rebac/ref.ts';
import type { BrokerDeps } from './deps.ts';
import { type IssuedToken, MAX_TOKEN_TTL_SECONDS, mintToken } from './tokens.ts';

/**
 * Makes `user:<userId>` administrator of the platform and gives it a token for a year. Tokens that the user has
 * already are dropped, so that an interrupted first start can be repeated.
 */
export async function issueFirstOperatorToken(
  deps: Pick<BrokerDeps, 'records' | 'clock' | 'entropy'>,
  caller: Caller,
  userId: string,
): Promise<IssuedToken> {
  await deps.records.deleteTokensOf(`user:${userId}`);
  await grantRelation(deps, caller, { resource: PLATFORM, relation: 'admin', subject: { type: 'user', id: userId } });
  return mintToken(deps, caller, { owner: `user:${userId}`, environment: 'prod', ttlSeconds: MAX_TOKEN_TTL_SECONDS });
}
