import { CommandFailure, LoginFailure, NO_TARGET, NOT_LOGGED_IN } from '../failure.ts';
import { certificatesOrValue } from '../files/file-or-value.ts';
import { parseUrl } from '../network/go-url.ts';
import { type HttpResponse, sendRequest } from '../network/transport.ts';
import { certificatesIn } from '../network/trust.ts';
import type { Host } from '../terminal/host.ts';
import { type Config, emptyConfig, hasToken, readConfig, writeConfig } from './config-file.ts';
import type { SendToUaa } from './uaa.ts';

/** Server and login of a command: the stored configuration, overridden by the environment. */
export interface Session {
  readonly host: Host;
  /** Effective configuration. Commands that store it do so with `save`. */
  readonly config: Config;
  /** The target comes from CREDHUB_SERVER; the stored login is then ignored. */
  readonly fromEnvironment: boolean;
  /** Both ways to log in are present; every command warns first (docs/reference/credhub-cli.md#configuration). */
  readonly twoLogins: boolean;
  /** CREDHUB_CLIENT and CREDHUB_SECRET, once the former is set. */
  readonly client: { readonly id: string; readonly secret: string } | undefined;
  /** Nanoseconds that this command was given; stored by `api` and `login` only. */
  readonly httpTimeout: number | undefined;
}

/** @throws CommandFailure when CREDHUB_CA_CERT names something that cannot be read. */
export function openSession(host: Host, httpTimeout: bigint | undefined): Session {
  const stored = readConfig(host);
  const server = host.env.CREDHUB_SERVER;
  const config = server === undefined ? stored : overlay(stored, withScheme(server));
  const authorities = host.env.CREDHUB_CA_CERT;
  if (authorities !== undefined) config.caCerts = [certificatesOrValue(host.cwd, authorities)];
  const id = host.env.CREDHUB_CLIENT;
  return {
    host,
    config,
    fromEnvironment: server !== undefined,
    twoLogins: server !== undefined && hasToken(stored),
    client: id ? { id, secret: host.env.CREDHUB_SECRET ?? '' } : undefined,
    httpTimeout: httpTimeout === undefined ? undefined : Number(httpTimeout),
  };
}

function overlay(stored: Config, apiUrl: string): Config {
  const { caCerts, insecureSkipVerify, httpTimeout } = stored;
  // The remembered version belongs to the remembered server.
  const serverVersion = stored.apiUrl === apiUrl ? stored.serverVersion : '';
  return { ...emptyConfig(), apiUrl, caCerts, insecureSkipVerify, httpTimeout, serverVersion };
}

export function withScheme(server: string): string {
  return server.includes('://') ? server : `https://${server}`;
}

/** @throws CommandFailure when there is no target, LoginFailure when nobody is logged in. */
export function requireLogin(session: Session): void {
  if (session.config.apiUrl === '') throw new CommandFailure(NO_TARGET);
  if (!hasToken(session.config) && session.client === undefined) throw new LoginFailure(NOT_LOGGED_IN);
}

/**
 * The API lives at the root of the target's host; a path in the target is ignored, as in the original.
 *
 * @throws CommandFailure when the target is no URL.
 */
export function apiAddress({ apiUrl }: Config, target: string): string {
  try {
    parseUrl(apiUrl);
  } catch (error) {
    throw new CommandFailure(error instanceof Error ? error.message : String(error), { cause: error });
  }
  return (/^[^:]*:\/\/[^/?#]*/.exec(apiUrl)?.[0] ?? apiUrl) + target;
}

/** Sends to the API or the authorization server with the session's trust, time limit and proxy. */
export function send(
  session: Pick<Session, 'host' | 'config' | 'httpTimeout'>,
  request: {
    readonly method: string;
    readonly url: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  },
): Promise<HttpResponse> {
  const { host, config } = session;
  const ca = config.caCerts ?? [];
  if (ca.some((pem) => certificatesIn(pem).length === 0)) throw new CommandFailure('provided ca certs are invalid');
  const nanoseconds = session.httpTimeout ?? config.httpTimeout;
  return sendRequest({
    ...request,
    ca,
    insecure: config.insecureSkipVerify,
    env: host.env,
    ...(host.env.CREDHUB_PROXY ? { proxy: host.env.CREDHUB_PROXY } : {}),
    // Zero or a negative value means no limit.
    ...(nanoseconds === null ? {} : { timeoutMs: Math.max(0, Math.ceil(nanoseconds / 1e6)) }),
  });
}

export function uaaOf(session: Pick<Session, 'host' | 'config' | 'httpTimeout'>): SendToUaa {
  return async ({ path, ...request }) => send(session, { ...request, url: session.config.authUrl + path });
}

/** Stores the session's configuration, the time limit of this command included. */
export function save(session: Session): void {
  if (session.httpTimeout !== undefined) session.config.httpTimeout = session.httpTimeout;
  writeConfig(session.host, session.config);
}

/**
 * Stores the target of an environment-only session as the original does for --version, --token and export; but a
 * login that is stored meanwhile is not thrown away for it.
 */
export function rememberTarget(session: Session): void {
  if (session.twoLogins) return;
  const { config, fromEnvironment } = session;
  writeConfig(session.host, fromEnvironment ? { ...config, accessToken: '', refreshToken: '' } : config);
}

/** Stores refreshed tokens, unless the login comes only from the environment. */
export function saveTokens(session: Session): void {
  const stored = readConfig(session.host);
  if (session.fromEnvironment || !hasToken(stored)) return;
  const { accessToken, refreshToken } = session.config;
  writeConfig(session.host, { ...stored, accessToken, refreshToken });
}
