/**
 * The vault in OpenBao: KV-v2, one path per secret, never written twice. The row keeps mount, path and version (format 2).
 * Facts about the wire: kv2-transcript.
 */
import { readFileSync } from 'node:fs';
import { CredError, type Secret, type SecretDocument, type SecretRef, type SecretVault, secret } from '@credplex/core';
import { Pool } from 'undici';
import { remoteKeyId } from './key-ids.ts';

const KV2_FORMAT = 2;

export interface OpenBaoConfig {
  /** `https://host:8200`. */
  readonly address: string;
  /** Where the token comes from; a file is read again when the token in use is refused (an agent may renew it). */
  readonly token: Secret | { readonly file: string };
  /** PEM certificates to trust instead of the system's. */
  readonly ca?: string | undefined;
  readonly mount: string;
  readonly prefix: string;
}

interface Answer {
  readonly status: number;
  readonly json: Record<string, unknown> | undefined;
}

interface Place {
  readonly mount: string;
  readonly path: string;
  readonly version: number;
}

/** The port's limit of calls at once. */
const connections = 16;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const trimmed = (path: string): string => path.replace(/^\/+|\/+$/g, '');
const encoded = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

function unavailable(reason: string): CredError {
  return new CredError('vault_unavailable', {}, { cause: new Error(`OpenBao: ${reason}`) });
}

function corrupt(ref: SecretRef, reason: string): CredError {
  return new CredError('vault_corrupt', {}, { cause: new Error(`OpenBao: ${ref.path}: ${reason}`) });
}

/** Whatever it is, no text of an answer passes: it might quote what was sent. */
function refused(what: string, { status }: Answer): CredError {
  if (status === 403) return unavailable(`${what}: permission denied`);
  return unavailable(`${what}: status ${status}`);
}

export interface OpenBaoVault extends SecretVault {
  close(): Promise<void>;
}

export function createOpenBaoVault(config: OpenBaoConfig): OpenBaoVault {
  const mount = trimmed(config.mount);
  const prefix = trimmed(config.prefix);
  const keyId = remoteKeyId(prefix ? `${mount}/${prefix}` : mount);
  const address = new URL(config.address);
  const pool = new Pool(address.origin, {
    connections,
    pipelining: 1,
    allowH2: false,
    headersTimeout: 5_000,
    bodyTimeout: 5_000,
    keepAliveTimeout: 30_000,
    connect: { timeout: 3_000, ...(config.ca ? { ca: config.ca } : {}) },
  });
  const readToken = (): string => {
    if (!('file' in config.token)) return config.token.reveal();
    try {
      return readFileSync(config.token.file, 'utf8').trim();
    } catch {
      throw unavailable('the token file cannot be read');
    }
  };
  let token: string | undefined;

  async function once(method: 'GET' | 'POST' | 'DELETE', path: string, body: unknown): Promise<Answer> {
    token ??= readToken();
    try {
      const answer = await pool.request({
        method,
        path: `${trimmed(address.pathname) ? `/${trimmed(address.pathname)}` : ''}/v1/${path}`,
        headers: { 'x-vault-token': token, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        body: body === undefined ? null : JSON.stringify(body),
      });
      const text = await answer.body.text();
      const json: unknown = text === '' ? undefined : JSON.parse(text);
      return { status: answer.statusCode, json: isRecord(json) ? json : undefined };
    } catch (error) {
      const code =
        isRecord(error) && typeof error.code === 'string'
          ? error.code
          : error instanceof Error
            ? error.name
            : 'unknown';
      throw unavailable(`${method} failed: ${code}`);
    }
  }

  /** A repeated GET or DELETE does no harm, a repeated write could meet its own first try: that one fails, and its caller destroys the path. */
  async function call(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<Answer> {
    let answer: Answer;
    try {
      answer = await once(method, path, body);
    } catch (error) {
      if (method === 'POST') throw error;
      answer = await once(method, path, body);
    }
    if (answer.status === 403 && 'file' in config.token && readToken() !== token) {
      token = undefined;
      answer = await once(method, path, body);
    }
    if (answer.status >= 500) throw unavailable(`${method}: status ${answer.status}`);
    return answer;
  }

  const pathOf = (ref: SecretRef): string => (prefix ? `${prefix}/${ref.path}` : ref.path);
  const under = (kind: 'data' | 'delete' | 'metadata', path: string): string =>
    `${encoded(mount)}/${kind}/${encoded(path)}`;

  function placeOf(ref: SecretRef, sealed: { keyId: string; format: number; bytes: Uint8Array }): Place {
    if (sealed.keyId !== keyId) throw new CredError('encryption_key_missing');
    if (sealed.format !== KV2_FORMAT) throw corrupt(ref, `unknown format ${sealed.format}`);
    let place: unknown;
    try {
      place = JSON.parse(Buffer.from(sealed.bytes).toString());
    } catch {
      throw corrupt(ref, 'the row does not name a path');
    }
    if (!isRecord(place) || place.mount !== mount || place.path !== pathOf(ref) || typeof place.version !== 'number') {
      throw corrupt(ref, 'the row names another path');
    }
    return { mount, path: place.path, version: place.version };
  }

  return {
    remote: true,
    activeKeyId: () => keyId,
    knownKeyIds: () => [keyId],

    async seal(ref, document) {
      const path = pathOf(ref);
      const data = Object.fromEntries(Object.entries(document).map(([name, value]) => [name, value.reveal()]));
      const answer = await call('POST', under('data', path), { options: { cas: 0 }, data });
      if (answer.status === 400 && JSON.stringify(answer.json?.errors ?? '').includes('check-and-set')) {
        throw new CredError('vault_conflict', {}, { cause: new Error(`OpenBao: ${path} is taken`) });
      }
      const version = isRecord(answer.json?.data) ? answer.json.data.version : undefined;
      if (answer.status !== 200 || typeof version !== 'number') throw refused('write', answer);
      const place: Place = { mount, path, version };
      return { keyId, format: KV2_FORMAT, bytes: Buffer.from(JSON.stringify(place)) };
    },

    async open(ref, sealed): Promise<SecretDocument> {
      const { path, version } = placeOf(ref, sealed);
      const answer = await call('GET', `${under('data', path)}?version=${version}`);
      if (answer.status === 404) throw corrupt(ref, 'not there, deleted or destroyed');
      if (answer.status !== 200) throw refused('read', answer);
      const data = isRecord(answer.json?.data) ? answer.json.data.data : undefined;
      if (!isRecord(data)) throw corrupt(ref, 'no document');
      const entries = Object.entries(data).map(([name, value]) => {
        if (typeof value !== 'string') throw corrupt(ref, 'a value is not a text');
        return [name, secret(value)] as const;
      });
      return Object.fromEntries(entries);
    },

    async revoke(ref, sealed) {
      const { path, version } = placeOf(ref, sealed);
      const answer = await call('POST', under('delete', path), { versions: [version] });
      if (answer.status !== 204 && answer.status !== 404) throw refused('delete', answer);
    },

    async destroy(ref) {
      const answer = await call('DELETE', under('metadata', pathOf(ref)));
      if (answer.status !== 204 && answer.status !== 404) throw refused('metadata delete', answer);
    },

    /** A look at the own token needs an unsealed server and a good token, and every policy allows it. */
    async check() {
      const answer = await call('GET', 'auth/token/lookup-self');
      if (answer.status !== 200) throw refused('token look-up', answer);
    },

    async close() {
      await pool.close();
    },
  };
}
