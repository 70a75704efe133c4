/** Sets up the first operator for Plexsphere: the role of platform administrator, and a token. */
import type { Caller } from '../caller.ts';
import { grantRelation } from '../rebac/grants.ts';
import { PLATFORM } from '../rebac/ref.ts';
import type { BrokerDeps } from './deps.ts';
import { type IssuedToken, MAX_TOKEN_TTL_SECONDS, mintToken } from './tokens.ts';

/**
 * Makes `user:<userId>` a platform administrator and issues a token that is valid for a year. Existing tokens of the
 * user are deleted, so that an interrupted first start can be repeated.
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
