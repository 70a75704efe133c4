/** The HTTP API of the issuer at `/uaa`: the part of UAA that CredHub's clients use. */
import { type Context, Hono } from 'hono';
import { TooManyLogins } from '../../concurrency-limit.ts';
import { createAccessTokens } from './access-tokens.ts';
import { infoDocument, keyDocument, keysDocument, openidConfiguration } from './discovery.ts';
import { IssuerError, json, renderIssuerError } from './errors.ts';
import { queryOf, refuseRepeated } from './forms.ts';
import type { IssuerDeps } from './issuer-deps.ts';
import { addRevocationRoutes } from './revocation-routes.ts';
import { addTokenRoutes } from './token-routes.ts';

/** Returns the issuer's application. */
export function issuerApi(deps: IssuerDeps): Hono {
  const url = `${deps.publicUrl}/uaa`;
  const tokens = createAccessTokens({ keys: deps.keys, clock: deps.clock, entropy: deps.entropy, url });

  const app = new Hono({ strict: false }).basePath('/uaa');
  app.use('*', async (context, next) => {
    const startedAt = performance.now();
    refuseRepeated(queryOf(context));
    await next();
    const { status } = context.res;
    const about = { request_id: deps.requestIdOf(context), method: context.req.method, path: context.req.path, status };
    deps.log.debug({ ...about, ms: Math.round(performance.now() - startedAt) }, 'request');
    // No input is logged: people sometimes type a password into the field of the user name.
    if (status === 401) deps.log.info({ request_id: about.request_id, address: deps.addressOf(context) }, 'refused');
  });
  app.get('/info', (context) => json(context, 200, infoDocument(url, deps.release)));
  // cf-uaa-lib reads the prompts here.
  app.get('/login', (context) => json(context, 200, infoDocument(url, deps.release)));
  app.get('/token_keys', async (context) => json(context, 200, await keysDocument(deps.keys)));
  app.get('/token_key', async (context) => json(context, 200, await keyDocument(deps.keys)));
  for (const path of ['/.well-known/openid-configuration', '/oauth/token/.well-known/openid-configuration']) {
    app.get(path, (context) => json(context, 200, openidConfiguration(url, tokens.issuer)));
  }

  addTokenRoutes(app, deps, tokens);
  addRevocationRoutes(app, deps, tokens);

  // Not `all('/*')`, because Hono normalises `/uaa/../info` to a path outside `/uaa`.
  app.notFound((context) => renderIssuerError(context, new IssuerError(404, 'not_found', 'There is no such endpoint')));
  app.onError((error, context) => {
    if (error instanceof IssuerError) return renderIssuerError(context, error);
    if (error instanceof TooManyLogins) return busy(context, 'Too many logins at once. Please retry your request.');
    deps.log.error({ request_id: deps.requestIdOf(context), err: error }, 'the issuer could not answer');
    return busy(context, 'The server is temporarily unavailable. Please retry your request.');
  });
  return app;
}

function busy(context: Context, description: string): Response {
  return renderIssuerError(
    context,
    new IssuerError(503, 'temporarily_unavailable', description, { 'Retry-After': '1' }),
  );
}
