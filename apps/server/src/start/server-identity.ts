/**
 * The server's certificate: the operator's own files, or one of a private CA in `<data_dir>/tls` (`ca.pem`, which clients
 * trust, `ca.key`, `server.pem`, `server.key`), made at the first start and renewed before it ends. Keys are written first; a
 * crash before the certificate leaves a pair that does not match, which is made again.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { type Clock, type Secret, secret } from '@credplex/core';
import type { Config } from '../config.ts';
import { readIfThere, writeWhole } from './data-folder.ts';
import { reasonOf, StartError } from './start-error.ts';

const CA_DAYS = 20 * 365;
const SERVER_DAYS = 365;
/** How often a running server looks whether it is time, or whether the operator's files changed. */
const POLL_SECONDS = 3_600;

export interface ServerIdentity {
  /** PEM, chain included. */
  readonly certificate: string;
  readonly privateKey: Secret;
  /** File that clients of this server must trust; undefined with the operator's own certificate, whose CA is not ours to know. */
  readonly caFile: string | undefined;
}

export interface IdentityDeps {
  readonly config: Pick<Config, 'tls' | 'public_url'>;
  /** Absolute path of the data folder. */
  readonly folder: string;
  readonly clock: Clock;
}

/** Reads what is there, makes or renews what is ours. @throws StartError */
export async function serverIdentity(deps: IdentityDeps): Promise<ServerIdentity> {
  const { certificate, private_key } = deps.config.tls;
  if (certificate === undefined || private_key === undefined) return ownIdentity(deps);
  const given = {
    certificate: read('tls.certificate', certificate),
    privateKey: secret(read('tls.private_key', private_key)),
    caFile: undefined,
  };
  checkPair(given);
  return given;
}

/** OpenSSL takes a certificate and a key of different kinds without a word, and no client gets a connection. */
function checkPair({ certificate, privateKey }: Pair): void {
  const parsed = parsedBy(() => new X509Certificate(certificate), 'tls.certificate holds no certificate (PEM)');
  const key = parsedBy(
    () => createPrivateKey(privateKey.reveal()),
    'tls.private_key holds no private key (PEM, without a passphrase)',
  );
  if (!parsed.checkPrivateKey(key)) {
    throw new StartError('tls.private_key is not the key of the first certificate in tls.certificate');
  }
}

function parsedBy<T>(parse: () => T, refusal: string): T {
  try {
    return parse();
  } catch {
    throw new StartError(refusal);
  }
}

/**
 * Hands over a new identity whenever there is one, until stopped. Failures go to `onError`; the old one stays in use. `poll`
 * is called once an hour, and refreshes unless another process is to do so first.
 */
export function watchIdentity(
  deps: IdentityDeps,
  first: ServerIdentity,
  use: (identity: ServerIdentity) => void,
  onError: (error: unknown) => void,
  poll = (refresh: () => Promise<void>): Promise<void> => refresh(),
): { refresh(): Promise<void>; stop(): void } {
  let current = first;
  const refresh = async (): Promise<void> => {
    const found = await serverIdentity(deps);
    if (found.certificate === current.certificate) return;
    use(found);
    current = found;
  };
  const timer = setInterval(() => void poll(refresh).catch(onError), POLL_SECONDS * 1000).unref();
  return { refresh, stop: () => clearInterval(timer) };
}

async function ownIdentity({ config, folder, clock }: IdentityDeps): Promise<ServerIdentity> {
  const tls = join(folder, 'tls');
  try {
    mkdirSync(tls, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StartError(`${tls} cannot be made: ${reasonOf(error)}`);
  }
  const caFile = join(tls, 'ca.pem');
  const now = clock.now();
  const names = serverNames(config.public_url);
  const ca = readPair(tls, 'ca');
  const server = readPair(tls, 'server');
  if (ca !== undefined && server !== undefined && isGood(server.certificate, ca.certificate, now, names)) {
    return { ...server, caFile };
  }
  // Rarely needed, and node-forge is heavy.
  const { createCertificateAuthority, issueServerCertificate } = await import('@credplex/pki');
  const authority = ca ?? (await createCertificateAuthority({ commonName: 'Credplex CA', days: CA_DAYS, now }));
  if (ca === undefined) writePair(tls, 'ca', authority);
  const made = await issueServerCertificate({ ca: authority, names, days: SERVER_DAYS, now });
  writePair(tls, 'server', made);
  return { ...made, caFile };
}

type Pair = Pick<ServerIdentity, 'certificate' | 'privateKey'>;

function writePair(folder: string, name: string, { certificate, privateKey }: Pair): void {
  writeWhole(join(folder, `${name}.key`), privateKey.reveal(), 0o600);
  writeWhole(join(folder, `${name}.pem`), certificate, 0o644);
}

function readPair(folder: string, name: string): Pair | undefined {
  const certificate = readIfThere(join(folder, `${name}.pem`));
  const key = readIfThere(join(folder, `${name}.key`));
  if (certificate === undefined || key === undefined) return undefined;
  try {
    const matches = new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
    return matches ? { certificate, privateKey: secret(key) } : undefined;
  } catch {
    return undefined;
  }
}

/** Signed by our CA, for all our names, and with more than a third of its life left. */
function isGood(certificate: string, ca: string, now: Date, names: readonly string[]): boolean {
  try {
    const parsed = new X509Certificate(certificate);
    const from = Date.parse(parsed.validFrom);
    const to = Date.parse(parsed.validTo);
    if (now.getTime() < from || to - now.getTime() <= (to - from) / 3) return false;
    if (!parsed.verify(new X509Certificate(ca).publicKey)) return false;
    return names.every((name) => (isIP(name) ? parsed.checkIP(name) : parsed.checkHost(name)) !== undefined);
  } catch {
    return false;
  }
}

/**
 * The names of the server's certificate (docs/operate/operations.md#tls). A host name that no certificate can hold is
 * left out.
 */
function serverNames(publicUrl: string): string[] {
  const host = new URL(publicUrl).hostname.replace(/^\[(.*)\]$/, '$1');
  const label = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;
  const own = hostname().toLowerCase();
  return [...new Set(['localhost', '127.0.0.1', '::1', own, host].filter((name) => isIP(name) || label.test(name)))];
}

function read(setting: string, path: string): string {
  try {
    return readFileSync(resolve(path), 'utf8');
  } catch (error) {
    throw new StartError(`${setting}: ${resolve(path)} cannot be read: ${reasonOf(error)}`);
  }
}
