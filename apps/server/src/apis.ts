/** All APIs of one server over an opened runtime: CredHub's here, the others handed in by who starts the server. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { wholeDocument } from '@credplex/contract';
import { Hono } from 'hono';
import { type Api, createApp, type Fetch } from './app.ts';
import { openLineSink } from './audit.ts';
import { createAuthenticate } from './auth/authenticate.ts';
import { createBearer, noBearer } from './auth/bearer.ts';
import type { KeySource } from './auth/key-source.ts';
import { createUaaKeys } from './auth/uaa-keys.ts';
import { ConfigError } from './config.ts';
import { credhubApp } from './credhub/app.ts';
import type { ServerEnv } from './http-env.ts';
import type { Runtime } from './runtime.ts';

export interface ServerParts {
  /** The built-in issuer; needed when no outside UAA is configured. */
  readonly issuer?: { readonly keys: KeySource; readonly api: Api } | undefined;
  readonly others?: readonly Api[];
}

export interface ServerApis {
  readonly fetch: Fetch;
  /** Writes what is left of the audit lines. */
  close(): Promise<void>;
}

function uaaKeys({ config, clock }: Runtime): KeySource | undefined {
  const { url, internal_url, ca } = config.auth.uaa;
  const reached = internal_url ?? url;
  if (reached === undefined) return undefined;
  try {
    const pem = ca === undefined ? undefined : readFileSync(resolve(ca), 'utf8');
    return createUaaKeys({ url: reached, ca: pem, clock });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new ConfigError(`auth.uaa.ca: cannot read the file ${ca} (${code})`);
  }
}

/** `/openapi.json`: every route of both APIs, for anybody. */
function documentApi(): Api {
  const app = new Hono<ServerEnv>();
  let text: string | undefined;
  app.get('/openapi.json', () => {
    text ??= JSON.stringify(wholeDocument());
    return new Response(text, { headers: { 'Content-Type': 'application/json', 'X-Content-Type-Options': 'nosniff' } });
  });
  return { prefixes: ['/openapi.json'], app };
}

/** @throws ConfigError */
export function createApis(runtime: Runtime, { issuer, others = [] }: ServerParts): ServerApis {
  const { config, clock } = runtime;
  const tokens = config.auth.oauth.enabled;
  const source = tokens ? (uaaKeys(runtime) ?? issuer?.keys) : undefined;
  const bearer = source === undefined ? noBearer : createBearer({ source, clock });
  const own = issuer === undefined ? '' : `${config.public_url}/uaa`;
  const audit = openLineSink(config.audit.file);
  const credhub = credhubApp({
    runtime,
    authenticate: createAuthenticate({ bearer, tokens }),
    audit,
    authServerUrl: config.auth.uaa.url ?? (tokens ? own : ''),
  });
  const apis = [...others, ...(issuer === undefined ? [] : [issuer.api]), documentApi()];
  return { fetch: createApp({ apis, fallback: credhub as Api['app'] }), close: () => audit.end() };
}
