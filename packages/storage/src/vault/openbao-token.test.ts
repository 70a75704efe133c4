import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Secret, secret } from '@credplex/core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startHttpStandIn, startOpenBao, type TestOpenBao } from '../testing/index.ts';
import { createOpenBaoVault, type OpenBaoVault } from './openbao-vault.ts';

let opened: OpenBaoVault[];
beforeEach(() => {
  opened = [];
  return async () => {
    for (const vault of opened) await vault.close();
  };
});
function vaultAt(address: string, token: Secret | { file: string }): OpenBaoVault {
  const vault = createOpenBaoVault({ address, token, mount: 'secret', prefix: 'p' });
  opened.push(vault);
  return vault;
}

describe('on a real server', () => {
  let server: TestOpenBao;
  beforeAll(async () => {
    server = await startOpenBao({ kind: 'dev' });
    const file = join(tmpdir(), `credplex-policy-${randomUUID()}`);
    writeFileSync(file, 'path "secret/data/p/*" { capabilities = ["create", "read"] }');
    server.bao('policy', 'write', 'p', file);
  });
  afterAll(() => server.stop());

  const newToken = (...options: readonly string[]): string =>
    server.bao('token', 'create', '-field=token', '-policy=p', ...options).trim();
  const describeToken = (...options: readonly string[]) =>
    vaultAt(server.address, secret(newToken(...options))).renewTokenIfDue();

  test('each kind of token is reported as endless, renewed, final or unknown', async () => {
    expect(await vaultAt(server.address, secret('root')).renewTokenIfDue()).toMatchObject({ end: 'never' });
    expect(await describeToken('-period=1h')).toMatchObject({ end: 'renewed' });
    expect(await describeToken('-ttl=1h')).toMatchObject({ end: 'renewed' });
    const final = {
      end: 'final',
      text: expect.stringMatching(/^the token ends for good in \d+ \w+: give another one/),
    };
    expect(await describeToken('-ttl=1h', '-renewable=false')).toMatchObject(final);
    expect(await describeToken('-ttl=1h', '-explicit-max-ttl=5h')).toMatchObject(final);
    expect(await describeToken('-ttl=1h', '-type=batch', '-orphan')).toMatchObject(final);
    expect(await describeToken('-ttl=1h', '-no-default-policy')).toMatchObject({ end: 'unknown' });
  });

  test('the final end is computed from explicit_max_ttl and not from the next renewal', async () => {
    const { secondsLeft = 0 } = await describeToken('-ttl=1h', '-explicit-max-ttl=50h');
    expect(secondsLeft).toBeGreaterThan(40 * 3_600);
  });

  test('a revoked token is refused with its cause', async () => {
    const token = newToken('-ttl=1h');
    server.bao('token', 'revoke', token);
    const ended = vaultAt(server.address, secret(token)).renewTokenIfDue();
    await expect(ended).rejects.toMatchObject({ code: 'vault_refused', cause: { message: /expired or revoked$/ } });
  });

  test('a token file is read again at each check, and an unreadable file keeps the current token', async () => {
    const file = join(tmpdir(), `credplex-token-${randomUUID()}`);
    writeFileSync(file, newToken('-ttl=1h', '-renewable=false'));
    const vault = vaultAt(server.address, { file });
    expect(await vault.renewTokenIfDue()).toMatchObject({ end: 'final' });
    writeFileSync(file, 'root\n');
    expect(await vault.renewTokenIfDue()).toMatchObject({ end: 'never' });
    rmSync(file);
    expect(await vault.renewTokenIfDue()).toMatchObject({ end: 'never' });
  });
});

describe('renewal', () => {
  const LIFETIME_SECONDS = 1_000;
  let left: number;
  let renewal: { status: number; json: unknown };
  let renewals: number;
  let standIn: Awaited<ReturnType<typeof startHttpStandIn>>;
  beforeAll(async () => {
    standIn = await startHttpStandIn(({ method, path }) => {
      if (path.endsWith('/renew-self')) {
        renewals += 1;
        return renewal;
      }
      expect([method, path]).toEqual(['GET', '/v1/auth/token/lookup-self']);
      const now = Date.parse('2030-01-01T00:00:00Z');
      const data = {
        ttl: left,
        creation_ttl: LIFETIME_SECONDS,
        explicit_max_ttl: 0,
        renewable: true,
        type: 'service',
        creation_time: now / 1000 - 5_000,
        expire_time: new Date(now + left * 1000).toISOString(),
      };
      return { status: 200, json: { data } };
    });
  });
  afterAll(() => standIn.close());
  beforeEach(() => {
    renewals = 0;
    renewal = { status: 200, json: { auth: { lease_duration: LIFETIME_SECONDS } } };
  });
  const renewAt = (secondsLeft: number) => {
    left = secondsLeft;
    return vaultAt(standIn.address, secret('t')).renewTokenIfDue();
  };

  test('happens when half of the lifetime is over, and the next check is due at that time', async () => {
    expect(await renewAt(900)).toMatchObject({ end: 'renewed', nextCheckSeconds: 400 });
    expect(await renewAt(501)).toMatchObject({ end: 'renewed', nextCheckSeconds: 1 });
    expect(renewals).toBe(0);
    expect(await renewAt(500)).toMatchObject({ end: 'renewed', secondsLeft: LIFETIME_SECONDS, nextCheckSeconds: 500 });
    expect(renewals).toBe(1);
  });

  test('that gives less than the whole lifetime, or is refused, makes the end final', async () => {
    renewal = { status: 200, json: { auth: { lease_duration: 600 } } };
    expect(await renewAt(400)).toMatchObject({ end: 'final', secondsLeft: 600 });
    for (const status of [400, 403]) {
      renewal = { status, json: { errors: ['lease is not renewable'] } };
      expect(await renewAt(400)).toMatchObject({ end: 'final', secondsLeft: 400, nextCheckSeconds: 200 });
    }
    renewal = { status: 503, json: { errors: ['Vault is sealed'] } };
    await expect(renewAt(400)).rejects.toMatchObject({ code: 'vault_unavailable' });
  });
});
