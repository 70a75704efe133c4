/**
 * Keys of every type over CredHub's API: what is refused, converge, regenerate, a CA's rotation, bulk-regenerate of a mixed
 * chain, and mutual TLS with what was generated (docs/reference/divergences.md#certificates).
 */
import { X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import { describeKey, secret } from '@credplex/core';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../app.ts';
import { certificatePrincipal } from '../auth/mtls.ts';
import type { ServerEnv } from '../http-env.ts';
import { listenTls, TIME_LIMITS } from '../listen.ts';
import { openTestApi, type TestApi } from './testing/api.ts';

const KEY_TYPES = ['rsa', 'ecdsa-p256', 'ecdsa-p384', 'ed25519'];
const NEW_TYPES = KEY_TYPES.slice(1);
const KEY_LENGTH_TEXT = "The provided key length is not supported. Valid values include '2048', '3072' and '4096'.";
const KEY_TYPE_TEXT =
  "The provided key type is not supported. Valid values include 'rsa', 'ecdsa-p256', 'ecdsa-p384' and 'ed25519'.";
const GUID = '6f6c9d5e-4f0a-4b51-8d3c-0a1b2c3d4e5f';

interface Credential {
  readonly id: string;
  readonly name: string;
  readonly value: Readonly<Record<string, string>>;
  readonly key_length?: number;
}

function certificateOf({ value }: Credential): X509Certificate {
  return new X509Certificate(value.certificate ?? '');
}
function keyTypeOf(credential: Credential): string | undefined {
  return describeKey(certificateOf(credential).publicKey).type;
}
function isSignedBy(credential: Credential, ca: Credential): boolean {
  return certificateOf(credential).verify(certificateOf(ca).publicKey);
}

describe.each([1, 2] as const)('level %i', (level) => {
  let api: TestApi;
  beforeAll(async () => {
    api = await openTestApi(level);
  });
  afterAll(() => api.close());

  const ok = async <T = Credential>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await api.sendRaw(method, path, body);
    expect(answer.status, `${method} ${path}: ${answer.text}`).toBe(200);
    return answer.body as T;
  };
  const generate = (name: string, type: string, parameters: object, mode = 'converge') =>
    ok('POST', '/api/v1/data', { name, type, parameters, mode });
  const certificate = (name: string, parameters: object, mode?: string) =>
    generate(name, 'certificate', { common_name: name, ...parameters }, mode);
  const current = async (name: string): Promise<Credential> => {
    const { data } = await ok<{ data: Credential[] }>('GET', `/api/v1/data?name=${name}&current=true`);
    return data[0] ?? expect.fail(name);
  };
  const idOf = async (name: string): Promise<string> => {
    const { certificates } = await ok<{ certificates: { id: string }[] }>('GET', `/api/v1/certificates?name=${name}`);
    return certificates[0]?.id ?? expect.fail(name);
  };

  test.each(['certificate', 'ssh'])(
    '%s: a wrong key_type, or a key_length beside a type other than rsa, is 400',
    async (type) => {
      const asked = async (parameters: object, mode: string): Promise<unknown> => {
        const body = { name: '/refused', type, parameters: { common_name: 'x', ...parameters }, mode };
        if (type === 'ssh') Object.assign(body, { parameters });
        const answer = await api.sendRaw('POST', '/api/v1/data', body);
        return [answer.status, answer.body];
      };
      for (const mode of ['converge', 'overwrite', 'no-overwrite']) {
        for (const key_type of NEW_TYPES) {
          for (const key_length of [2048, 256, 0, '4096']) {
            expect(await asked({ key_type, key_length }, mode)).toEqual([400, { error: KEY_LENGTH_TEXT }]);
          }
        }
        for (const key_type of ['', 'RSA', 'ecdsa', 'ed448', 5, true]) {
          expect(await asked({ key_type }, mode)).toEqual([400, { error: KEY_TYPE_TEXT }]);
        }
        expect(await asked({ key_type: 'rsa', key_length: 1024 }, mode)).toEqual([400, { error: KEY_LENGTH_TEXT }]);
        expect((await asked({ key_type: ['rsa'] }, mode)) as unknown[]).toContain(400);
      }
      expect((await api.call('GET /api/v1/data', { query: { name: '/refused' } })).status).toBe(404);
    },
  );

  test.each(['rsa', 'password', 'user'])('%s does not know key_type', async (type) => {
    const answer = await api.call('POST /api/v1/data', { body: { name: '/x', type, parameters: { key_type: 'rsa' } } });
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining("unrecognized parameter 'key_type'")]);
  });

  test.each(KEY_TYPES)(
    'a certificate of type %s converges, is regenerated with its type, and answers no field more',
    async (key_type) => {
      const name = `/converge/${key_type}`;
      const made = await certificate(name, { self_sign: true, key_type });
      const plain = await certificate('/plain', { self_sign: true });
      expect(keyTypeOf(made)).toBe(key_type);
      expect(Object.keys(made)).toEqual(Object.keys(plain));
      expect((await certificate(name, { self_sign: true })).id).toBe(made.id);
      const hit = await certificate(name, { self_sign: true, key_type });
      expect([hit.id, hit.key_length]).toEqual([made.id, made.key_length]);
      const other = KEY_TYPES[(KEY_TYPES.indexOf(key_type) + 1) % KEY_TYPES.length];
      expect(keyTypeOf(await certificate(name, { self_sign: true, key_type: other }))).toBe(other);
      const back = await certificate(name, { self_sign: true, key_type });
      const regenerated = await ok('POST', '/api/v1/regenerate', { name });
      expect([regenerated.id === back.id, keyTypeOf(regenerated)]).toEqual([false, key_type]);
      const path = `/api/v1/certificates/${await idOf(name)}/regenerate`;
      expect(keyTypeOf(await ok('POST', path, { duration: 30 }))).toBe(key_type);
      const withLength = await api.sendRaw('POST', path, { key_length: 3072 });
      expect(withLength.status).toBe(key_type === 'rsa' ? 200 : 400);
      if (key_type !== 'rsa') expect(withLength.body).toEqual({ error: KEY_LENGTH_TEXT });
    },
  );

  test.each(KEY_TYPES)('an ssh key of type %s converges and is regenerated with its type', async (key_type) => {
    const name = `/ssh/${key_type}`;
    const kindOf = ({ value }: Credential): string | undefined => value.public_key?.split(' ')[0];
    const made = await generate(name, 'ssh', { key_type, ssh_comment: 'c' });
    expect(Object.keys(made.value)).toEqual(['public_key', 'private_key', 'public_key_fingerprint']);
    expect(made.value.private_key?.split('\n')[0]).toBe(
      `-----BEGIN ${key_type === 'rsa' ? 'RSA' : 'OPENSSH'} PRIVATE KEY-----`,
    );
    expect((await generate(name, 'ssh', { ssh_comment: 'c' })).id).toBe(made.id);
    expect((await generate(name, 'ssh', { key_type, ssh_comment: 'c' })).id).toBe(made.id);
    const regenerated = await ok('POST', '/api/v1/regenerate', { name });
    expect([regenerated.id === made.id, kindOf(regenerated)]).toEqual([false, kindOf(made)]);
  });

  test('bulk-regenerate of a mixed chain keeps each type, and each signature is by the new version above', async () => {
    await certificate('/bulk/ca', { is_ca: true, key_type: 'ed25519' });
    const above: string[] = ['/bulk/ca'];
    for (const key_type of KEY_TYPES) {
      const name = `/bulk/ca-${key_type}`;
      await certificate(name, { is_ca: true, key_type, ca: above.at(-1) });
      above.push(name);
      for (const leaf of KEY_TYPES) await certificate(`${name}/${leaf}`, { key_type: leaf, ca: name });
    }
    const before = await Promise.all(above.map(current));
    const answer = await ok<{ regenerated_credentials: string[] }>('POST', '/api/v1/bulk-regenerate', {
      signed_by: '/bulk/ca',
    });
    expect(answer.regenerated_credentials).toHaveLength(KEY_TYPES.length * (KEY_TYPES.length + 1));
    const after = await Promise.all(above.map(current));
    for (const [i, ca] of after.entries()) {
      expect(keyTypeOf(ca)).toBe(before[i] && keyTypeOf(before[i]));
      const parent = after[i - 1];
      if (parent === undefined) continue;
      expect([ca.id === before[i]?.id, isSignedBy(ca, parent)]).toEqual([false, true]);
      for (const leaf of KEY_TYPES) {
        const made = await current(`${ca.name}/${leaf}`);
        expect([keyTypeOf(made), isSignedBy(made, ca)]).toEqual([leaf, true]);
      }
    }
  });

  test.each(KEY_TYPES)(
    'a CA of type %s rotates, and every version of it signs leaves of every type',
    async (key_type) => {
      const ca = `/rotate/${key_type}`;
      const first = await certificate(ca, { is_ca: true, key_type });
      for (const leaf of KEY_TYPES) await certificate(`${ca}/${leaf}`, { key_type: leaf, ca });
      const path = `/api/v1/certificates/${await idOf(ca)}`;
      const second = await ok('POST', `${path}/regenerate`, { set_as_transitional: true });
      expect([keyTypeOf(second), isSignedBy(second, second)]).toEqual([key_type, true]);
      await ok('PUT', `${path}/update_transitional_version`, { version: first.id });
      await ok('POST', '/api/v1/bulk-regenerate', { signed_by: ca });
      for (const leaf of KEY_TYPES) {
        const made = await current(`${ca}/${leaf}`);
        expect([keyTypeOf(made), isSignedBy(made, second), isSignedBy(made, first)]).toEqual([leaf, true, false]);
      }
    },
  );

  test('mutual TLS: servers, clients and their CAs may have keys of any type', async () => {
    const app = new Hono<ServerEnv>();
    app.get('/who', (c) => c.text(certificatePrincipal(c.env.incoming, Date.now)?.actor ?? 'nobody'));
    const cas = await Promise.all(
      KEY_TYPES.map((key_type) => certificate(`/tls/${key_type}`, { is_ca: true, key_type })),
    );
    for (const key_type of KEY_TYPES) {
      const own = await certificate(`/tls/server-${key_type}`, {
        key_type,
        self_sign: true,
        alternative_names: ['localhost'],
      });
      const server = await listenTls({
        fetch: createApp({ apis: [], fallback: app }),
        addresses: [{ host: '127.0.0.1', port: 0 }],
        tls: {
          certificate: own.value.certificate ?? '',
          privateKey: secret(own.value.private_key ?? ''),
          clientCas: cas.map(({ value }) => value.certificate ?? ''),
        },
        limits: { ...TIME_LIMITS, stopServer: 200 },
      });
      try {
        for (const ca of cas) {
          const extended_key_usage = ['client_auth'];
          const subject = { organization_unit: `app:${GUID}`, extended_key_usage };
          const client = await certificate(`${ca.name}/client-${key_type}`, { ...subject, key_type, ca: ca.name });
          for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
            const port = server.addresses[0]?.port ?? 0;
            expect(await whoIs(port, own, client, version), `${ca.name} ${key_type}`).toContain(`mtls-app:${GUID}`);
          }
        }
      } finally {
        await server.close();
      }
    }
  });
});

/** The answer to `GET /who`; empty when the server closed the connection. */
function whoIs(port: number, server: Credential, client: Credential, version: 'TLSv1.2' | 'TLSv1.3'): Promise<string> {
  return new Promise((resolve, reject) => {
    const { certificate: cert, private_key: key } = client.value;
    const ca = server.value.certificate;
    const socket = connect({
      host: '127.0.0.1',
      port,
      servername: 'localhost',
      ca,
      cert,
      key,
      minVersion: version,
      maxVersion: version,
    });
    let text = '';
    socket.on('data', (part: Buffer) => {
      text += part.toString();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(text.split('\r\n\r\n')[1] ?? ''));
    socket.write('GET /who HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  });
}
