/** The HTTP client of OpenBao: connection pool, token and token file, retries. */
import { readFileSync } from 'node:fs';
import type { Secret } from '@credplex/core';
import { type Dispatcher, Pool } from 'undici';
import type { Answer } from './openbao-answer.ts';
import { isTooLarge, refusal, tooLarge, unavailable } from './openbao-errors.ts';

export interface OpenBaoAccess {
  /** `https://host:8200`. */
  readonly address: string;
  /** The token or its file. The file is read again when OpenBao refuses the token, because an agent may have renewed it. */
  readonly token: Secret | { readonly file: string };
  /** PEM certificates to trust instead of the system's: roots, intermediates or OpenBao's own certificate. */
  readonly ca?: string | undefined;
}

interface RequestOptions {
  readonly body?: unknown;
  /** Storage state that the answer must include: a standby that has not reached it forwards the request to the active node. */
  readonly index?: string | undefined;
  /** Aborts the request. */
  readonly signal?: AbortSignal;
  /** Whether the request may be retried after a broken connection. Default: every method except POST. */
  readonly repeatable?: boolean;
}

export interface OpenBaoClient {
  /**
   * Sends a request; `path` is relative to `/v1/`.
   * @throws CredError `vault_unavailable`, also for statuses from 500; `request_body_too_large`; `vault_refused` when
   * the token file cannot be read
   */
  request(method: 'GET' | 'POST' | 'DELETE', path: string, options?: RequestOptions): Promise<Answer>;
  /** Reads the token file again. When that fails, the current token stays in use. */
  reloadToken(): void;
  /** Returns the storage state of the last response that carried one. */
  lastIndex(): string | undefined;
  close(): Promise<void>;
}

/** The vault port allows this many concurrent calls. */
const MAX_CONNECTIONS = 16;
const INDEX_HEADER = 'x-vault-index';

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
export function trimSlashes(path: string): string {
  return path.replace(/^\/+|\/+$/g, '');
}
export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

function reasonOf(error: unknown): string {
  if (isRecord(error) && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.name : 'unknown';
}

interface RawAnswer {
  readonly status: number;
  readonly index: string | undefined;
  readonly text: string;
}

/** Uses `dispatch` of undici: with `request`, whose response is a stream, a read cost a third more processor time. */
function exchange(
  pool: Pool,
  options: Dispatcher.DispatchOptions,
  signal: AbortSignal | undefined,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let status = 0;
    let index: string | undefined;
    let sent: Dispatcher.DispatchController | undefined;
    const abort = (): void => {
      sent?.abort(new Error('aborted'));
      reject(signal?.reason);
    };
    const stopListening = (): void => signal?.removeEventListener('abort', abort);
    if (signal?.aborted) return abort();
    signal?.addEventListener('abort', abort);
    pool.dispatch(options, {
      onRequestStart(controller) {
        sent = controller;
        if (signal?.aborted) abort();
      },
      onResponseStart(_, statusCode, headers) {
        status = statusCode;
        const state = headers[INDEX_HEADER];
        index = typeof state === 'string' ? state : undefined;
      },
      onResponseData(_, chunk) {
        chunks.push(chunk);
      },
      onResponseEnd() {
        stopListening();
        const [only] = chunks;
        const bytes = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
        resolve({ status, index, text: bytes.toString() });
      },
      onResponseError(_, error) {
        stopListening();
        reject(error);
      },
    });
  });
}

export function createOpenBaoClient(access: OpenBaoAccess): OpenBaoClient {
  const address = new URL(access.address);
  const base = trimSlashes(address.pathname) ? `/${trimSlashes(address.pathname)}` : '';
  const pool = new Pool(address.origin, {
    connections: MAX_CONNECTIONS,
    pipelining: 1,
    allowH2: false,
    headersTimeout: 5_000,
    bodyTimeout: 5_000,
    keepAliveTimeout: 30_000,
    connect: { timeout: 3_000, ...(access.ca ? { ca: access.ca, allowPartialTrustChain: true } : {}) },
  });
  const readToken = (): string => {
    if (!('file' in access.token)) return access.token.reveal();
    try {
      return readFileSync(access.token.file, 'utf8').trim();
    } catch {
      throw refusal(`the token file ${access.token.file} cannot be read`);
    }
  };
  let currentToken: string | undefined;
  let lastIndex: string | undefined;

  async function send(
    token: string,
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    { body, index, signal }: RequestOptions,
  ): Promise<Answer> {
    try {
      const {
        status,
        index: state,
        text,
      } = await exchange(
        pool,
        {
          method,
          path: `${base}/v1/${path}`,
          headers: {
            'x-vault-token': token,
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...(index === undefined ? {} : { [INDEX_HEADER]: index, 'x-vault-inconsistent': 'forward-active-node' }),
          },
          body: body === undefined ? null : JSON.stringify(body),
        },
        signal,
      );
      const json: unknown = text === '' ? undefined : JSON.parse(text);
      if (state !== undefined) lastIndex = state;
      return { status, json: isRecord(json) ? json : undefined, index: state };
    } catch (error) {
      throw unavailable(`${method} failed: ${reasonOf(error)}`);
    }
  }

  return {
    // GET and DELETE are idempotent. A repeated write could conflict with its own first attempt, so it fails and its caller destroys
    // the path.
    async request(method, path, options = {}) {
      currentToken ??= readToken();
      const token = currentToken;
      let answer: Answer;
      try {
        answer = await send(token, method, path, options);
      } catch (error) {
        if (!(options.repeatable ?? method !== 'POST') || options.signal?.aborted === true) throw error;
        answer = await send(token, method, path, options);
      }
      if (answer.status === 403 && 'file' in access.token) {
        // Compared with the token of this request: another request may have read the new one already.
        const renewed = readToken();
        currentToken = renewed;
        if (renewed !== token) answer = await send(renewed, method, path, options);
      }
      if (isTooLarge(answer)) throw tooLarge();
      if (answer.status >= 500) throw unavailable(`${method}: status ${answer.status}`);
      return answer;
    },
    reloadToken() {
      try {
        currentToken = readToken();
      } catch (error) {
        if (currentToken === undefined) throw error;
      }
    },
    lastIndex: () => lastIndex,
    close: () => pool.close(),
  };
}
