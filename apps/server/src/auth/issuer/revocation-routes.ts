/** Routes that revoke tokens, users' tokens and clients' tokens. */
import type { Context, Hono } from 'hono';
import type { AccessTokens, Claims } from './access-tokens.ts';
import { isPlausibleName } from './client-authentication.ts';
import { IssuerError, insufficientScope, invalidToken, json } from './errors.ts';
import type { IssuerDeps } from './issuer-deps.ts';

/** Adds the routes below `/oauth/token/revoke`. */
export function addRevocationRoutes(app: Hono, deps: IssuerDeps, tokens: AccessTokens): void {
  // The CLI's logout. An expired token of ours may still end its own session.
  app.delete('/oauth/token/revoke/:jti', async (context) => {
    const claims = await bearer(context, tokens);
    const jti = named(context.req.param('jti'));
    const own = claims.jti === jti;
    if (!own || claims.exp * 1000 > deps.clock.now().getTime()) alive(deps, claims, own);
    if (!own) mayRevoke(claims);
    await (own && claims.sid !== undefined
      ? deps.revocations.revokeSession(claims.sid)
      : deps.revocations.revokeToken(jti));
    return json(context, 200, {});
  });
  app.get('/oauth/token/revoke/user/:id', async (context) => {
    const claims = await bearer(context, tokens);
    alive(deps, claims);
    const id = named(context.req.param('id'));
    if (claims.user_id !== id) mayRevoke(claims);
    await deps.revocations.revokeUser(id);
    return json(context, 200, {});
  });
  app.get('/oauth/token/revoke/client/:id', async (context) => {
    const claims = await bearer(context, tokens);
    alive(deps, claims);
    const id = named(context.req.param('id'));
    if (claims.user_id !== undefined || claims.client_id !== id) mayRevoke(claims);
    await deps.revocations.revokeClient(id);
    return json(context, 200, {});
  });
}

/** Whom a path names. @throws IssuerError for what can be nobody's name, and in no database */
function named(id: string): string {
  if (!isPlausibleName(id)) throw new IssuerError(404, 'not_found', 'There is nothing of that name');
  return id;
}

async function bearer(context: Context, tokens: AccessTokens): Promise<Claims> {
  const token = /^bearer ([^\s]+)$/i.exec(context.req.header('authorization') ?? '')?.[1];
  const claims = token === undefined ? undefined : await tokens.read(token);
  if (claims === undefined) throw invalidToken('Full authentication is required to access this resource');
  return claims;
}

/** @throws IssuerError when expired, or revoked unless `again` allows to revoke what is revoked already */
function alive(deps: IssuerDeps, claims: Claims, again = false): void {
  if (claims.exp * 1000 <= deps.clock.now().getTime()) throw invalidToken('Access token expired');
  if (!again && deps.revocations.isRevoked(claims)) throw invalidToken('The token has been revoked');
}

function mayRevoke(claims: Claims): void {
  if (!claims.scope.includes('tokens.revoke') && !claims.scope.includes('uaa.admin')) {
    throw insufficientScope('uaa.admin,tokens.revoke');
  }
}
