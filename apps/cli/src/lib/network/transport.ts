import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { type AgentOptions, agentFor } from './agents.ts';

import { BodyError, describeFailure, isUnknownAuthority, NetworkError } from './failure.ts';

/** One HTTP request. Everything but `method` and `url` is optional. */
export interface HttpRequest {
  readonly method: string;
  /** Absolute http or https URL. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** PEM texts (each may hold several certificates) trusted beside the system's authorities. */
  readonly ca?: readonly string[];
  /** Accept any server certificate. */
  readonly insecure?: boolean;
  /** Milliseconds for the whole exchange, redirects and body included; 0 means no limit. Default 45 s. */
  readonly timeoutMs?: number;
  /** A proxy of the caller's own (CREDHUB_PROXY); without it the usual proxy variables are looked at. */
  readonly proxy?: string;
  /** Where proxy variables and SSL_CERT_FILE are read from. Default: none are set. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** The answer, whatever its status; header names in `headers` are lower case. */
export interface HttpResponse {
  readonly status: number;
  readonly reason: string;
  readonly headers: IncomingHttpHeaders;
  /** Name, value, name, value … as they came. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

const DEFAULT_TIMEOUT_MS = 45_000;
const MAX_REDIRECTS = 10;
// net/http replays only these on a kept connection that the server closed meanwhile.
const REPLAYABLE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/**
 * Sends one request over HTTP/1.1 and reads the whole answer. Connections are kept and reused, TLS is 1.2 or newer,
 * redirects are followed as Go's client follows them (303, 302, 301 become GET; credentials stay on their host).
 *
 * @throws NetworkError when no complete answer came; its message has the words of Go's net/http
 *   (`Get "https://h:1/info": dial tcp 127.0.0.1:1: connect: connection refused`), because scripts look for them.
 */
export async function sendRequest(request: HttpRequest): Promise<HttpResponse> {
  const timeoutMs = request.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const deadline = timeoutMs === 0 ? Number.POSITIVE_INFINITY : performance.now() + timeoutMs;
  let current = request;
  for (let hop = 0; ; hop++) {
    const response = await exchangeTrusting(current, deadline);
    const next = redirectOf(current, response);
    if (!next) return response;
    if (hop >= MAX_REDIRECTS - 1) {
      const url = response.headers.location ?? next.url;
      throw new NetworkError({ method: request.method, url }, `stopped after ${MAX_REDIRECTS} redirects`);
    }
    current = next;
  }
}

/**
 * Loading the system's certificate authorities takes 20 ms, a quarter of the time budget of a command. The configured
 * ones are tried first. The system's are loaded only if they do not verify the server.
 */
async function exchangeTrusting(request: HttpRequest, deadline: number): Promise<HttpResponse> {
  const given = request.ca ?? [];
  if (given.length > 0 && !request.insecure) {
    try {
      return await exchange(request, 'given', deadline);
    } catch (error) {
      if (!(error instanceof NetworkError && isUnknownAuthority(error.cause))) throw error;
    }
  }
  return exchange(request, 'system', deadline);
}

async function exchange(request: HttpRequest, trust: AgentOptions['trust'], deadline: number): Promise<HttpResponse> {
  const url = parseTarget(request);
  const route = await agentFor(url, {
    trust,
    ca: request.ca ?? [],
    insecure: request.insecure ?? false,
    proxy: request.proxy,
    env: request.env ?? {},
  }).catch((error: unknown) => {
    throw new NetworkError(request, describeFailure(error, url), error);
  });
  const attempt = (): Promise<HttpResponse> =>
    new Promise((resolve, reject) => {
      let phase: 'headers' | 'body' = 'headers';
      let timedOut = false;
      const fail = (error: unknown): void => {
        clearTimeout(timer);
        reject(Object.assign(asNetworkError(request, error, url, phase, timedOut), { reused: outgoing.reusedSocket }));
      };
      const outgoing: ClientRequest = route.request(
        { method: request.method, headers: outgoingHeaders(request, url, route.headers), agent: route.agent },
        (incoming) => {
          phase = 'body';
          collect(incoming).then((body) => {
            clearTimeout(timer);
            resolve({
              status: incoming.statusCode ?? 0,
              reason: incoming.statusMessage ?? '',
              headers: incoming.headers,
              rawHeaders: incoming.rawHeaders,
              body,
            });
          }, fail);
        },
      );
      // Node writes methods in capitals; Go writes them as given.
      outgoing.method = request.method;
      const timer =
        deadline === Number.POSITIVE_INFINITY
          ? undefined
          : setTimeout(
              () => {
                timedOut = true;
                outgoing.destroy(new Error('timeout'));
              },
              Math.max(0, deadline - performance.now()),
            );
      outgoing.on('error', fail);
      outgoing.end(request.body);
    });
  try {
    return await attempt();
  } catch (error) {
    const reused = error instanceof NetworkError && 'reused' in error && error.reused === true;
    if (reused && REPLAYABLE.has(request.method) && isDropped(error.cause)) return attempt();
    throw error;
  }
}

function isDropped(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && (cause.code === 'ECONNRESET' || cause.code === 'EPIPE');
}

function asNetworkError(
  request: HttpRequest,
  error: unknown,
  url: URL,
  phase: 'headers' | 'body',
  timedOut: boolean,
): NetworkError {
  const late = 'context deadline exceeded';
  if (phase === 'headers') {
    const detail = timedOut ? `${late} (Client.Timeout exceeded while awaiting headers)` : describeFailure(error, url);
    return new NetworkError(request, detail, error);
  }
  const inChunk = error instanceof Error && 'code' in error && error.code === 'HPE_INVALID_CHUNK_SIZE';
  const detail = inChunk ? 'invalid byte in chunk length' : 'unexpected EOF';
  const lateDetail = `${late} (Client.Timeout or context cancellation while reading body)`;
  return new BodyError(request, timedOut ? lateDetail : detail, error);
}

function parseTarget(request: HttpRequest): URL {
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(request.url)?.[1]?.toLowerCase() ?? '';
  if (scheme !== 'http' && scheme !== 'https') {
    throw new NetworkError(request, `unsupported protocol scheme "${scheme}"`);
  }
  const port = /^https?:\/\/[^/?#]*:(\d+)(?:[/?#]|$)/i.exec(request.url)?.[1];
  if (Number(port ?? 0) > 65_535) throw new NetworkError(request, `dial tcp: address ${port}: invalid port`);
  if (/^https?:\/\/(?:[/?#]|$)/i.test(request.url)) throw new NetworkError(request, 'http: no Host in request URL');
  try {
    return new URL(request.url);
  } catch (error) {
    throw new NetworkError(request, 'invalid URL', error);
  }
}

function outgoingHeaders(
  request: HttpRequest,
  url: URL,
  extra: Readonly<Record<string, string>>,
): Record<string, string | number> {
  const headers: Record<string, string | number> = { Host: url.host, ...extra, ...request.headers };
  if (request.body !== undefined) headers['Content-Length'] = Buffer.byteLength(request.body);
  else if (request.method !== 'GET' && request.method !== 'HEAD') headers['Content-Length'] = 0;
  return headers;
}

/** Uses events, because an async iterator takes as long as the request itself. */
function collect(incoming: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    incoming.on('error', reject);
    incoming.on('close', () => reject(new Error('aborted')));
  });
}

function redirectOf(request: HttpRequest, response: HttpResponse): HttpRequest | undefined {
  const { status } = response;
  if (![301, 302, 303, 307, 308].includes(status)) return undefined;
  const location = response.headers.location;
  if (location === undefined || !URL.canParse(location, request.url)) return undefined;
  const to = new URL(location, request.url);
  const { body, headers = {}, ...rest } = request;
  const keepsMethod = status === 307 || status === 308 || request.method === 'HEAD';
  const sameHost = to.host === new URL(request.url).host;
  const kept = Object.entries(headers).filter(([name]) => sameHost || !/^(authorization|cookie)$/i.test(name));
  return {
    ...rest,
    url: to.href,
    method: keepsMethod ? request.method : 'GET',
    headers: Object.fromEntries(kept),
    ...(keepsMethod && body !== undefined ? { body } : {}),
  };
}
