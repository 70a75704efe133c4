/** Requests to an OpenBao: connections, the token and its renewal, what is tried twice. Facts about the wire: kv2-transcript. */
import { readFileSync } from 'node:fs';
import { CredError, type Secret } from '@credplex/core';
import { Pool } from 'undici';

export interface OpenBaoAccess {
  /** `https://host:8200`. */
  readonly address: string;
  /** Where the token comes from; a file is read again when the token in use is refused (an agent may renew it). */
  readonly token: Secret | { readonly file: string };
  /** PEM certificates to trust instead of the system's: roots, intermediates or OpenBao's own certificate. */
  readonly ca?: string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly json: Record<string, unknown> | undefined;
}

interface AskOptions {
  readonly body?: unknown;
  /** Ends it early. */
  readonly signal?: AbortSignal;
  /** Whether it may be sent a second time after a broken connection. Default: everything but a POST. */
  readonly repeatable?: boolean;
}

export interface OpenBaoClient {
  /** `path` is what follows `/v1/`. @throws CredError `vault_unavailable`, for statuses from 500 on too */
  ask(method: 'GET' | 'POST' | 'DELETE', path: string, options?: AskOptions): Promise<Answer>;
  close(): Promise<void>;
}

/** The port's limit of calls at once. */
const connections = 16;

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const trimmed = (path: string): string => path.replace(/^\/+|\/+$/g, '');
export const encoded = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

export function unavailable(reason: string): CredError {
  return new CredError('vault_unavailable', {}, { cause: new Error(`OpenBao: ${reason}`) });
}

/** Whatever it is, no text of an answer passes: it might quote what was sent. */
export function refused(what: string, { status }: Answer): CredError {
  if (status === 403) return unavailable(`${what}: permission denied`);
  return unavailable(`${what}: status ${status}`);
}

function reasonOf(error: unknown): string {
  if (isRecord(error) && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.name : 'unknown';
}

export function createOpenBaoClient(access: OpenBaoAccess): OpenBaoClient {
  const address = new URL(access.address);
  const base = trimmed(address.pathname) ? `/${trimmed(address.pathname)}` : '';
  const pool = new Pool(address.origin, {
    connections,
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
      throw unavailable('the token file cannot be read');
    }
  };
  let known: string | undefined;

  async function once(token: string, method: 'GET' | 'POST' | 'DELETE', path: string, { body, signal }: AskOptions) {
    try {
      const answer = await pool.request({
        method,
        path: `${base}/v1/${path}`,
        headers: { 'x-vault-token': token, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        body: body === undefined ? null : JSON.stringify(body),
        ...(signal === undefined ? {} : { signal }),
      });
      const text = await answer.body.text();
      const json: unknown = text === '' ? undefined : JSON.parse(text);
      return { status: answer.statusCode, json: isRecord(json) ? json : undefined };
    } catch (error) {
      throw unavailable(`${method} failed: ${reasonOf(error)}`);
    }
  }

  return {
    // A repeated GET or DELETE does no harm, a repeated write could meet its own first try: that one fails, and its caller
    // destroys the path.
    async ask(method, path, options = {}) {
      known ??= readToken();
      const token = known;
      let answer: Answer;
      try {
        answer = await once(token, method, path, options);
      } catch (error) {
        if (!(options.repeatable ?? method !== 'POST') || options.signal?.aborted === true) throw error;
        answer = await once(token, method, path, options);
      }
      if (answer.status === 403 && 'file' in access.token) {
        // Held against the token that this call went with: another call may have found the new one already.
        const renewed = readToken();
        known = renewed;
        if (renewed !== token) answer = await once(renewed, method, path, options);
      }
      if (answer.status >= 500) throw unavailable(`${method}: status ${answer.status}`);
      return answer;
    },
    close: () => pool.close(),
  };
}
