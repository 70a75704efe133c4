/** The APIs over one opened runtime: CredHub's, Plexsphere's, the issuer, and the document that lists them. */
import { plexsphereDocument, wholeDocument } from '@credplex/contract';
import type { AccountRecords, BrokerDeps } from '@credplex/core';
import { type Context, Hono } from 'hono';
import { type Api, createApp, type Fetch } from '../app.ts';
import { type LineSink, openLineSink } from '../audit.ts';
import { createAuthenticate } from '../auth/authenticate.ts';
import { createBearer, noBearer } from '../auth/bearer.ts';
import { builtInKeySource } from '../auth/issuer/key-source.ts';
import { createRevocations, type Revocations } from '../auth/issuer/revocations.ts';
import { issuerApi } from '../auth/issuer/routes.ts';
import { createSigningKeys, type SigningKeys } from '../auth/issuer/signing-keys.ts';
import type { KeySource } from '../auth/key-source.ts';
import { readCertificates } from '../certificate-file.ts';
import type { Coordination } from '../coordination.ts';
import { credhubApp } from '../credhub/app.ts';
import { createServerMode } from '../credhub/server-mode.ts';
import type { ServerEnv } from '../http-env.ts';
import { plexsphereApi } from '../plexsphere/app.ts';
import { openBroker } from '../plexsphere/broker.ts';
import type { Runtime } from '../runtime.ts';
import type { Release } from './release.ts';

interface Issuer {
  readonly keys: SigningKeys;
  readonly revocations: Revocations;
}

export interface Composed {
  readonly fetch: Fetch;
  readonly accounts: AccountRecords;
  readonly broker: BrokerDeps;
  readonly issuer: Issuer | undefined;
  readonly audit: LineSink;
}

/** What a process shares with the other workers of its server, if there are any. */
export interface ProcessRole {
  readonly coordination: Coordination;
  /** Read-only mode at the start. */
  readonly readOnly: boolean;
  /** File or open descriptor for audit lines. */
  readonly auditTarget: string | number;
}

export async function composeApis(runtime: Runtime, release: Release, role: ProcessRole): Promise<Composed> {
  const { config, storage, clock, entropy, logger } = runtime;
  const { accounts } = storage;
  const broker = await openBroker({
    storage,
    clock,
    entropy,
    credentialTtlSeconds: config.plexsphere.credential_ttl_days * 86_400,
  });
  const oauth = config.auth.oauth.enabled;
  const issuer = oauth && config.auth.uaa.url === undefined ? createIssuer(runtime, accounts, role) : undefined;
  if (issuer !== undefined) await issuer.revocations.refresh();

  const audit = openLineSink(role.auditTarget, runtime.logger);
  const bearer = oauth ? createBearer({ source: await keySource(runtime, issuer), clock }) : noBearer;
  const authServerUrl = config.auth.uaa.url ?? (oauth ? `${config.public_url}/uaa` : '');
  const credhub = credhubApp({
    runtime,
    authenticate: createAuthenticate({ bearer, tokens: oauth, clock }),
    audit,
    authServerUrl,
    mode: createServerMode(role.coordination, role.readOnly),
  });

  let made: Readonly<Record<string, unknown>> | undefined;
  let own: typeof made;
  const document = () => (made ??= wholeDocument(runtime.level));
  const apis: Api[] = [
    plexsphereApi({
      broker,
      logger,
      meta: {
        version: release,
        document: () => (own ??= plexsphereDocument()),
        checks: [
          { name: 'database', essential: true, run: () => storage.ping() },
          { name: 'vault', essential: false, run: () => storage.vault.check() },
        ],
      },
    }),
    documentApi(document),
  ];
  if (issuer !== undefined) {
    const app = issuerApi({
      accounts,
      ...issuer,
      coordination: role.coordination,
      clock,
      entropy,
      publicUrl: config.public_url,
      release: release.version,
      addressOf: (context) => requestOf(context).client.address,
      requestIdOf: (context) => requestOf(context).id,
      log: logger,
    });
    apis.push({ prefixes: ['/uaa'], app: app as unknown as Api['app'] });
  }
  const fallback = credhub as unknown as Api['app'];
  const fetch = createApp({ apis, fallback, trustedProxies: config.trusted_proxies });
  return { fetch, accounts, broker, issuer, audit };
}

function createIssuer(
  { storage, clock, entropy, logger }: Runtime,
  accounts: AccountRecords,
  { coordination }: ProcessRole,
): Issuer {
  return {
    keys: createSigningKeys({ shared: storage.shared, vault: storage.keyRing, clock, entropy, log: logger }),
    revocations: createRevocations({ accounts, clock, coordination }),
  };
}

async function keySource({ config, clock }: Runtime, issuer: Issuer | undefined): Promise<KeySource> {
  const { url, internal_url, ca } = config.auth.uaa;
  if (issuer !== undefined) return builtInKeySource({ ...issuer, publicUrl: config.public_url });
  const pem = ca === undefined ? undefined : readCertificates('auth.uaa.ca', ca);
  const { createUaaKeys } = await import('../auth/uaa-keys.ts');
  return createUaaKeys({ url: internal_url ?? url ?? '', ca: pem, clock });
}

function documentApi(document: () => Readonly<Record<string, unknown>>): Api {
  const app = new Hono<ServerEnv>();
  app.get('/openapi.json', (context) => context.json(document()));
  app.all('/openapi.json', (context) => context.json({ error: 'method_not_allowed' }, 405, { Allow: 'GET' }));
  app.notFound((context) => context.json({ error: 'not_found' }, 404));
  return { prefixes: ['/openapi.json'], app };
}

function requestOf(context: Context) {
  return (context.env as ServerEnv['Bindings']).request;
}
