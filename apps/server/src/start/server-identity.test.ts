import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCertificateAuthority, issueServerCertificate } from '@credplex/pki';
import { describe, expect, test } from 'vitest';
import { type IdentityDeps, type ServerIdentity, serverIdentity, watchIdentity } from './server-identity.ts';
import { StartError } from './start-error.ts';

const DAY = 86_400_000;

function world(publicUrl = 'https://credplex.example.com:8844') {
  let now = new Date('2026-11-22T08:00:00Z');
  const folder = mkdtempSync(join(tmpdir(), 'credplex-tls-'));
  const deps: IdentityDeps = {
    config: { tls: {}, public_url: publicUrl },
    folder,
    clock: { now: () => now },
  };
  const forward = (days: number): void => {
    now = new Date(now.getTime() + days * DAY);
  };
  return { folder, deps, forward, make: () => serverIdentity(deps) };
}

function x509({ certificate }: Pick<ServerIdentity, 'certificate'>): X509Certificate {
  return new X509Certificate(certificate);
}

describe('the generated certificate', () => {
  test('is for localhost, both loopbacks, the host name and the host of public_url, signed by the CA that clients trust', async () => {
    const { make } = world();
    const identity = await make();
    const leaf = x509(identity);
    for (const name of ['localhost', 'credplex.example.com']) expect(leaf.checkHost(name)).toBeDefined();
    for (const address of ['127.0.0.1', '::1']) expect(leaf.checkIP(address)).toBeDefined();
    if (/^[a-z0-9.-]+$/.test(hostname().toLowerCase())) expect(leaf.checkHost(hostname())).toBeDefined();
    const ca = new X509Certificate(readFileSync(identity.caFile ?? ''));
    expect(leaf.verify(ca.publicKey)).toBe(true);
    expect(leaf.checkIssued(ca)).toBe(true);
  });

  test('has a key on P-256, and so has its CA', async () => {
    const identity = await world().make();
    for (const { publicKey } of [x509(identity), new X509Certificate(readFileSync(identity.caFile ?? ''))]) {
      expect(publicKey.asymmetricKeyType).toBe('ec');
      expect(publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    }
  });

  test('an address as the host of public_url is an address in it', async () => {
    const leaf = x509(await world('https://[2001:db8::7]:8844').make());
    expect(leaf.checkIP('2001:db8::7')).toBeDefined();
  });

  test('stays the same from start to start, and is renewed by the same CA when a third of its life is left', async () => {
    const { make, forward, folder } = world();
    const first = await make();
    forward(200);
    expect((await make()).certificate).toBe(first.certificate);
    forward(60);
    const second = await make();
    expect(second.certificate).not.toBe(first.certificate);
    expect(x509(second).verify(new X509Certificate(readFileSync(join(folder, 'tls', 'ca.pem'))).publicKey)).toBe(true);
    expect(second.caFile).toBe(first.caFile);
  });

  test('is recreated when a name is missing, or when a crash left a key that is not its own', async () => {
    const { make, deps, folder } = world();
    const first = await make();
    const moved = await serverIdentity({ ...deps, config: { tls: {}, public_url: 'https://elsewhere.example.com' } });
    expect(x509(moved).checkHost('elsewhere.example.com')).toBeDefined();

    const other = await world().make();
    writeFileSync(join(folder, 'tls', 'server.key'), other.privateKey.reveal());
    const repaired = await make();
    expect(x509(repaired).checkPrivateKey).toBeDefined();
    expect([first.certificate, moved.certificate]).not.toContain(repaired.certificate);
    rmSync(join(folder, 'tls', 'server.pem'));
    expect((await make()).certificate).not.toBe(repaired.certificate);
  });

  test('keys are for their owner alone', async () => {
    const { make, folder } = world();
    await make();
    for (const name of ['ca.key', 'server.key']) expect(statSync(join(folder, 'tls', name)).mode & 0o777).toBe(0o600);
  });
});

describe("the operator's own certificate", () => {
  async function own() {
    const { deps, folder } = world();
    const now = deps.clock.now();
    const ca = await createCertificateAuthority({ commonName: 'own', days: 10, now });
    const write = async (): Promise<string> => {
      const made = await issueServerCertificate({ ca, names: ['localhost'], days: 5, now });
      writeFileSync(join(folder, 'own.pem'), made.certificate);
      writeFileSync(join(folder, 'own.key'), made.privateKey.reveal());
      return made.certificate;
    };
    const tls = { certificate: join(folder, 'own.pem'), private_key: join(folder, 'own.key') };
    return { deps: { ...deps, config: { ...deps.config, tls } }, write };
  }

  test('is used as it is; nothing is generated', async () => {
    const { deps, write } = await own();
    const certificate = await write();
    const identity = await serverIdentity(deps);
    expect(identity.certificate).toBe(certificate);
    expect(identity.caFile).toBeUndefined();
  });

  test('a file that is not there is named', async () => {
    const { deps } = await own();
    await expect(serverIdentity(deps)).rejects.toThrow(StartError);
    await expect(serverIdentity(deps)).rejects.toThrow(
      /tls\.certificate: .*own\.pem cannot be read: it does not exist/,
    );
  });

  test('is reloaded while running when the file changes', async () => {
    const { deps, write } = await own();
    await write();
    const used: string[] = [];
    const first = await serverIdentity(deps);
    const watch = watchIdentity(
      deps,
      first,
      (identity) => used.push(identity.certificate),
      () => {},
    );
    await watch.refresh();
    expect(used).toEqual([]);
    const next = await write();
    await watch.refresh();
    await watch.refresh();
    expect(used).toEqual([next]);
    watch.stop();
  });
});
