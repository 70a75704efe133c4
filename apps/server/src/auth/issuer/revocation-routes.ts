/** Routes that revoke tokens, users' tokens and clients' tokens. */
import type { Context, Hono } from 'hono';
import type { AccessTokens, Claims } from './access-tokens.ts';
import { isPlausibleName } from './client-authentication.ts';
import { IssuerError, insufficientScope, invalidToken, json } from './errors.ts';
import type { IssuerDeps } from './issuer-deps.ts';

/** Adds the routes below `/oauth/token/revoke`. */
export function addRevocationRoutes(app: Hono, deps: IssuerDeps, tokens: AccessTokens): void {
  // The CLI uses this for logout. An expired token may still end its own session.
  app.delete('/oauth/token/revoke/:jti', async (context) => {
    const claims = await requireBearer(context, tokens);
    const jti = requireName(context.req.param('jti'));
    const own = claims.jti === jti;
    if (!own || claims.exp * 1000 > deps.clock.now().getTime()) requireLiveToken(deps, claims, own);
    if (!own) requireRevokeScope(claims);
    await (own && claims.sid !== undefined
      ? deps.revocations.revokeSession(claims.sid)
      : deps.revocations.revokeToken(jti));
    return json(context, 200, {});
  });
  app.get('/oauth/token/revoke/user/:id', async (context) => {
    const claims = await requireBearer(context, tokens);
    requireLiveToken(deps, claims);
    const id = requireName(context.req.param('id'));
    if (claims.user_id !== id) requireRevokeScope(claims);
    await deps.revocations.revokeUser(id);
    return json(context, 200, {});
  });
  app.get('/oauth/token/revoke/client/:id', async (context) => {
    const claims = await requireBearer(context, tokens);
    requireLiveToken(deps, claims);
    const id = requireName(context.req.param('id'));
    if (claims.user_id !== undefined || claims.client_id !== id) requireRevokeScope(claims);
    await deps.revocations.revokeClient(id);
    return json(context, 200, {});
  });
}

/** Checks a name in a path. @throws IssuerError for a text that cannot be the name of a user, client or token */
function requireName(id: string): string {
  if (!isPlausibleName(id)) throw new IssuerError(404, 'not_found', 'There is nothing of that name');
  return id;
}

async function requireBearer(context: Context, tokens: AccessTokens): Promise<Claims> {
  const token = /^bearer ([^\s]+)$/i.exec(context.req.header('authorization') ?? '')?.[1];
  const claims = token === undefined ? undefined : await tokens.read(token);
  if (claims === undefined) throw invalidToken('Full authentication is required to access this resource');
  return claims;
}

/** @throws IssuerError when expired, or revoked unless `acceptRevoked`, for revoking twice */
function requireLiveToken(deps: IssuerDeps, claims: Claims, acceptRevoked = false): void {
  if (claims.exp * 1000 <= deps.clock.now().getTime()) throw invalidToken('Access token expired');
  if (!acceptRevoked && deps.revocations.isRevoked(claims)) throw invalidToken('The token has been revoked');
}

function requireRevokeScope(claims: Claims): void {
  if (!claims.scope.includes('tokens.revoke') && !claims.scope.includes('uaa.admin')) {
    throw insufficientScope('uaa.admin,tokens.revoke');
  }
}
