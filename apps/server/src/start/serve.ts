/** `credplex serve` from settings to a listening server, in the order of docs/operate/operations.md. */
import { issueFirstOperatorToken, type PlexsphereRecords, type Secret } from '@credplex/core';
import { readCertificates } from '../certificate-file.ts';
import type { Config } from '../config.ts';
import type { Logger } from '../logger.ts';
import type { Runtime } from '../runtime.ts';
import { decideAddresses, listenError } from './addresses.ts';
import { startJobs } from './background.ts';
import { composeApis } from './compose.ts';
import { openDataFolder } from './data-folder.ts';
import { type AccessFault, accessFaults } from './file-access.ts';
import { firstOperator } from './first-operator.ts';
import { greeting } from './greeting.ts';
import { checkHealth } from './health.ts';
import { backgroundJobs } from './jobs.ts';
import { readRelease } from './release.ts';
import { serverIdentity, watchIdentity } from './server-identity.ts';
import { StartError } from './start-error.ts';

export interface ServeOptions {
  /** Where the greeting goes. */
  readonly out: (text: string) => void;
  readonly logger?: Logger;
  /** Looked at between the steps of the start: aborted, they are undone and the signal's reason is thrown. */
  readonly stop?: AbortSignal;
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
  const config = await decideAddresses(given);
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
    for (const { file, text } of warnings) logger.warn({ file }, text);
    // A promise that nobody waits for must not end a server that others are using.
    const stray = (error: unknown): void => logger.error({ err: error }, 'a failure that nobody waited for');
    process.on('unhandledRejection', stray);
    undo.push(() => void process.off('unhandledRejection', stray));
    const identity = await serverIdentity({ config, folder, clock });
    const { fetch, accounts, broker, issuer, audit } = await composeApis(runtime, release);
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
    const listening = await listen(config, fetch, identity);
    undo.push(() => listening.close());
    const management = await listenForHealth(config, runtime);
    undo.push(() => management?.close());
    throwIfStopping();
    const watch = watchIdentity(
      { config, folder, clock },
      identity,
      (fresh) => {
        listening.renew(fresh);
        logger.info('the server certificate is renewed');
      },
      (error) => logger.warn({ err: error }, 'the server certificate could not be renewed'),
    );
    undo.push(() => watch.stop());
    const jobs = startJobs(backgroundJobs({ runtime, accounts, broker, issuer }), logger);
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

/** Returns the warnings. @throws StartError for what refuses a start */
function checkAccess(config: Config, folder: string): AccessFault[] {
  const faults = accessFaults(config, folder);
  const refused = faults.filter(({ verdict }) => verdict === 'refused');
  if (refused.length > 0) throw new StartError(refused.map(({ text }) => text).join('; '));
  return faults;
}

/** A start that was cut off may have made a token that nobody saw. */
async function plexsphereToken(runtime: Runtime, records: PlexsphereRecords, userId: string): Promise<Secret> {
  await records.deleteTokensOf(`user:${userId}`);
  const caller = { actor: 'operator', requestId: runtime.entropy.uuid() };
  return (await issueFirstOperatorToken({ ...runtime, records }, caller, userId)).plaintext;
}

async function listen(
  config: Config,
  fetch: import('../app.ts').Fetch,
  identity: Awaited<ReturnType<typeof serverIdentity>>,
) {
  const { listenTls } = await import('../listen.ts');
  const { client_ca: ca } = config.tls;
  const clientCas = ca === undefined ? [] : [readCertificates('tls.client_ca', ca)];
  try {
    return await listenTls({ fetch, addresses: config.listen, tls: { ...identity, clientCas } });
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
