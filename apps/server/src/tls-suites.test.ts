import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, getCiphers } from 'node:tls';
import { secret } from '@credplex/core';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { createApp } from './app.ts';
import { listenTls, TIME_LIMITS } from './listen.ts';

/** A certificate of its own, with a key of the given kind. */
function selfSigned(key: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'credplex-suites-'));
  const words = ['req', '-x509', '-nodes', '-days', '2', '-subj', '/CN=localhost', ...key];
  execFileSync('openssl', [...words, '-keyout', 'key.pem', '-out', 'cert.pem'], { cwd: folder, stdio: 'ignore' });
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  return { certificate: read('cert.pem'), privateKey: secret(read('key.pem')) };
}

/** The suite of a TLS 1.2 connection by a client that offers only this one; undefined when it is refused. */
function offered(port: number, suite: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const ciphers = `${suite}:@SECLEVEL=0`;
    const options = { host: '127.0.0.1', port, ciphers, maxVersion: 'TLSv1.2', rejectUnauthorized: false } as const;
    const socket = connect(options, () => {
      resolve(socket.getCipher().name);
      socket.destroy();
    });
    socket.once('error', () => resolve(undefined));
  });
}

test.each([
  ['RSA', ['-newkey', 'rsa:2048']],
  ['ECDSA', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']],
])(
  'with a key of kind %s, TLS 1.2 has suites with forward secrecy and authenticated encryption only',
  async (kind, key) => {
    const server = await listenTls({
      fetch: createApp({ apis: [], fallback: new Hono() }),
      addresses: [{ host: '127.0.0.1', port: 0 }],
      tls: { ...selfSigned(key), clientCas: [] },
      limits: { ...TIME_LIMITS, stopServer: 200 },
    });
    const taken: string[] = [];
    try {
      for (const suite of getCiphers().filter((name) => !name.startsWith('tls_'))) {
        const name = await offered(server.addresses[0]?.port ?? 0, suite.toUpperCase());
        if (name !== undefined) taken.push(name);
      }
    } finally {
      await server.close();
    }
    expect(taken.sort()).toEqual([
      `ECDHE-${kind}-AES128-GCM-SHA256`,
      `ECDHE-${kind}-AES256-GCM-SHA384`,
      `ECDHE-${kind}-CHACHA20-POLY1305`,
    ]);
  },
);
