/** `credplex serve` from settings to a listening server, in the order of docs/operate/operations.md. */
import { issueFirstOperatorToken, type PlexsphereRecords, type Secret } from '@credplex/core';
import { readCertificates } from '../certificate-file.ts';
import { readClientTrust } from '../client-trust.ts';
import type { Config } from '../config.ts';
import { localCoordination } from '../coordination.ts';
import type { TlsFiles, TlsListening } from '../listen.ts';
import type { Logger } from '../logger.ts';
import type { Runtime } from '../runtime.ts';
import { createTicketKeys, type TicketKeys } from '../ticket-keys.ts';
import { decideAddresses, listenError } from './addresses.ts';
import { startJobs } from './background.ts';
import { composeApis, type ProcessRole } from './compose.ts';
import { openDataFolder } from './data-folder.ts';
import { checkAccess } from './file-access.ts';
import { firstOperator } from './first-operator.ts';
import { greeting } from './greeting.ts';
import { checkHealth } from './health.ts';
import { warnOfWorkers } from './ignored-workers.ts';
import { backgroundJobs, ticketKeyJob } from './jobs.ts';
import { readRelease } from './release.ts';
import { type IdentityDeps, type ServerIdentity, serverIdentity, watchIdentity } from './server-identity.ts';
import { StartError } from './start-error.ts';

export interface ServeOptions {
  /** Where the greeting goes. */
  readonly out: (text: string) => void;
  readonly logger?: Logger;
  /** Looked at between the steps of the start: aborted, they are undone and the signal's reason is thrown. */
  readonly stop?: AbortSignal;
  /** Default: the server is this process alone. */
  readonly worker?: WorkerRole;
}

/** What sets a worker apart from a server that is a single process. Its configuration has every listen address decided. */
export interface WorkerRole extends ProcessRole {
  /** Does what one worker does for all of them: sweeps, and the renewal of the server's certificate. */
  readonly isFirst: boolean;
}

const STDOUT = 1;

function singleProcess({ audit }: Config): WorkerRole {
  return {
    isFirst: true,
    coordination: localCoordination(),
    readOnly: false,
    auditTarget: audit.file ?? STDOUT,
  };
}

export interface Serving {
  readonly url: string;
  /** Ends requests, jobs, buffers and an embedded PostgreSQL of ours. Idempotent. */
  close(): Promise<void>;
}

/** @throws StartError, ConfigError, or Error with one clear line of the storage */
export async function serve(given: Config, options: ServeOptions): Promise<Serving> {
  const folder = openDataFolder(given.data_dir);
  const warnings = checkAccess(given, folder);
  const config = options.worker === undefined ? await decideAddresses(given) : given;
  const role = options.worker ?? singleProcess(config);
  const undo: (() => Promise<void> | void)[] = [];
  const throwIfStopping = (): void => options.stop?.throwIfAborted();
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> =>
    (closing ??= (async () => {
      for (const step of undo.reverse()) await step();
    })());
  try {
    const { open } = await import('../open.ts');
    const runtime = await open(config, {
      for: 'serve',
      stop: options.stop,
      ...(options.logger === undefined ? {} : { logger: options.logger }),
    });
    undo.push(() => runtime.close());
    const { logger, clock } = runtime;
    const release = readRelease();
    for (const { file, text } of role.isFirst ? warnings : []) logger.warn({ file }, text);
    const tooManyWorkers = warnOfWorkers(config);
    if (tooManyWorkers !== undefined) logger.warn(tooManyWorkers);
    // A promise that nobody waits for must not end a server that others are using.
    const stray = (error: unknown): void => logger.error({ err: error }, 'a failure that nobody waited for');
    process.on('unhandledRejection', stray);
    undo.push(() => void process.off('unhandledRejection', stray));
    const identity = await serverIdentity({ config, folder, clock });
    const { fetch, accounts, broker, issuer, audit } = await composeApis(runtime, release, role);
    undo.push(() => audit.end());
    throwIfStopping();

    if (config.permissions.length > 0) await runtime.permissions.seed(config.permissions);
    const operator = await firstOperator({
      ...runtime,
      accounts,
      folder,
      url: config.public_url,
      caFile: identity.caFile,
      issuer: issuer !== undefined,
      seedPermissions: (entries) => runtime.permissions.seed(entries),
      plexsphereToken: (userId) => plexsphereToken(runtime, broker.records, userId),
    });

    throwIfStopping();
    const clientCas = readClientCas(config);
    const tickets = await openTicketKeys(runtime, clientCas);
    const tls = { ...identity, clientCas, ticketKey: tickets.current() };
    const listening = await listen(config, fetch, tls);
    tickets.onChange((key) => listening.setTicketKey(key));
    undo.push(() => listening.close());
    const management = await listenForHealth(config, runtime);
    undo.push(() => management?.close());
    throwIfStopping();
    const watch = watchForRenewal({ config, folder, clock, identity, listening, logger, role });
    undo.push(() => watch.stop());
    const background = backgroundJobs({ runtime, accounts, broker, issuer }, { runsSweeps: role.isFirst });
    const jobs = startJobs([...background, ticketKeyJob(tickets)], logger);
    undo.push(() => jobs.stop());

    const { public_url: url, level } = config;
    const startSeconds = Number(process.uptime().toFixed(1));
    logger.info({ url, level, addresses: config.listen, version: release.version, startSeconds }, 'listening');
    undo.push(() => logger.info('stopping'));
    options.out(
      greeting({
        url,
        level,
        caFile: identity.caFile,
        operatorFile: operator.file,
        firstStart: operator.outcome === 'made',
        login: issuer !== undefined ? 'here' : config.auth.oauth.enabled ? 'uaa' : 'nowhere',
      }),
    );
    return { url, close };
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
}

/** The first worker renews the certificate before the others look, since two at once would mix their files. */
function watchForRenewal({
  identity,
  listening,
  logger,
  role,
  ...deps
}: IdentityDeps & {
  readonly identity: ServerIdentity;
  readonly listening: Pick<TlsListening, 'renew'>;
  readonly logger: Logger;
  readonly role: WorkerRole;
}) {
  const { coordination } = role;
  const onError = (error: unknown): void => logger.warn({ err: error }, 'the server certificate could not be renewed');
  const watch = watchIdentity(
    deps,
    identity,
    (fresh) => {
      listening.renew(fresh);
      logger.info('the server certificate is renewed');
    },
    onError,
    async (refresh) => {
      if (!role.isFirst) return;
      await refresh();
      await coordination.publish('identity', null);
    },
  );
  coordination.subscribe('identity', () => void watch.refresh().catch(onError));
  return watch;
}

/** A start that was cut off may have made a token that nobody saw. */
async function plexsphereToken(runtime: Runtime, records: PlexsphereRecords, userId: string): Promise<Secret> {
  await records.deleteTokensOf(`user:${userId}`);
  const caller = { actor: 'operator', requestId: runtime.entropy.uuid() };
  return (await issueFirstOperatorToken({ ...runtime, records }, caller, userId)).plaintext;
}

function readClientCas({ tls: { client_ca: ca } }: Config): readonly string[] {
  return ca === undefined ? [] : [readCertificates('tls.client_ca', ca)];
}

/** Without the shared key, sessions are resumed by this process alone, and the job tries further. */
async function openTicketKeys(runtime: Runtime, clientCas: readonly string[]): Promise<TicketKeys> {
  const { storage, clock, entropy } = runtime;
  const { digest: trustDigest } = readClientTrust(clientCas);
  const keys = createTicketKeys({ shared: storage.shared, vault: storage.keyRing, clock, entropy, trustDigest });
  await keys.refresh().catch(() => undefined);
  return keys;
}

async function listen(config: Config, fetch: import('../app.ts').Fetch, tls: TlsFiles) {
  const { listenTls } = await import('../listen.ts');
  try {
    return await listenTls({ fetch, addresses: config.listen, tls });
  } catch (error) {
    throw tlsError(error);
  }
}

function tlsError(error: unknown): StartError {
  const call = error instanceof Error && 'syscall' in error ? error.syscall : undefined;
  if (call === 'listen' || call === 'bind' || call === 'getaddrinfo') {
    const { address, port } = error as Error & { address?: string; port?: number };
    return listenError(error, { host: address ?? '', port: port ?? 0 });
  }
  // OpenSSL's words: a key too short, a certificate further down that is none.
  const words = error instanceof Error ? error.message.split('\n')[0] : '';
  return new StartError(`tls.certificate, tls.private_key or tls.client_ca cannot be used (${words})`);
}

async function listenForHealth(config: Config, runtime: Runtime) {
  const address = config.management.listen;
  if (address === undefined) return undefined;
  const { listenManagement } = await import('../listen.ts');
  try {
    return await listenManagement({ address, check: () => checkHealth(runtime.storage) });
  } catch (error) {
    throw listenError(error, address);
  }
}
