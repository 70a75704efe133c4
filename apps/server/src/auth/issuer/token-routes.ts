/** The routes that issue and inspect tokens. */
import type { Context, Hono } from 'hono';
import type { AccessTokens, Claims } from './access-tokens.ts';
import { authenticateClient, readClient } from './client-authentication.ts';
import { badCredentials, IssuerError, invalidRequest, json, renderIssuerError } from './errors.ts';
import { printable, readForm } from './forms.ts';
import { GRANTS, type GrantDeps } from './grants.ts';
import type { IssuerDeps } from './issuer-deps.ts';
import { createCheckLogin } from './throttle.ts';
import { createVerifiers } from './verifiers.ts';

/** Adds `/oauth/token`, `/check_token` and `/introspect`. */
export function addTokenRoutes(app: Hono, deps: IssuerDeps, tokens: AccessTokens): void {
  const grantDeps: GrantDeps = {
    ...deps,
    tokens,
    checkLogin: createCheckLogin({ ...deps, verifiers: deps.verifiers ?? createVerifiers() }),
    onReuse: ({ requestId, clientId, address }) =>
      deps.log.warn(
        { request_id: requestId, client_id: clientId, address },
        'a refresh token was used twice: its login and its access tokens were revoked',
      ),
  };
  const client = (context: Context, form: URLSearchParams) =>
    authenticateClient(
      { clientById: deps.accounts.clientById, checkLogin: grantDeps.checkLogin },
      readClient(context.req.raw.headers, form),
      deps.addressOf(context),
    );

  app.post('/oauth/token', async (context) => {
    const form = await readForm(context);
    const grantType = form.get('grant_type');
    if (grantType === null || grantType === '') throw invalidRequest('Missing grant type');
    const known = await client(context, form);
    const grant = Object.hasOwn(GRANTS, grantType) ? (grantType as keyof typeof GRANTS) : undefined;
    if (grant === undefined) {
      throw new IssuerError(400, 'unsupported_grant_type', `Unsupported grant type: ${printable(grantType)}`);
    }
    if (!known.grantTypes.includes(grant)) {
      throw new IssuerError(401, 'unauthorized_client', `Unauthorized grant type: ${grant}`);
    }
    const request = { client: known, form, address: deps.addressOf(context), requestId: deps.requestIdOf(context) };
    return json(context, 200, await GRANTS[grant](grantDeps, request));
  });

  app.post('/check_token', async (context) => {
    const form = await readForm(context);
    await requireConfidentialClient(client(context, form));
    const claims = await readLiveClaims(deps, tokens, form.get('token') ?? '');
    if (claims === undefined) throw new IssuerError(400, 'invalid_token', 'The token expired or was revoked');
    return json(context, 200, claims);
  });
  app.post('/introspect', async (context) => {
    const form = await readForm(context);
    await requireConfidentialClient(client(context, form));
    const claims = await readLiveClaims(deps, tokens, form.get('token') ?? '');
    return json(context, 200, claims === undefined ? { active: false } : { ...claims, active: true });
  });

  app.all('/oauth/token', (context) => {
    const description = `Request method '${printable(context.req.method)}' not supported`;
    return renderIssuerError(context, new IssuerError(405, 'method_not_allowed', description, { Allow: 'POST' }));
  });
}

async function requireConfidentialClient(found: ReturnType<typeof authenticateClient>): Promise<void> {
  if ((await found).verifier === 'public') throw badCredentials();
}

async function readLiveClaims(deps: IssuerDeps, tokens: AccessTokens, token: string): Promise<Claims | undefined> {
  const claims = await tokens.read(token);
  if (claims === undefined || claims.exp * 1000 <= deps.clock.now().getTime()) return undefined;
  return deps.revocations.isRevoked(claims) ? undefined : claims;
}
