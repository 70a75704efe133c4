import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { listKeys, type Storage, usedKeys } from '@credplex/storage';
import { readCertificates } from '../certificate-file.ts';
import type { Config } from '../config.ts';
import { accessFaults } from '../start/file-access.ts';
import type { CommandContext } from './command.ts';
import type { Finding } from './finding.ts';
import { checkWorkers } from './worker-check.ts';

const LOW_SPACE_BYTES = 512 * 1024 * 1024;
const EXPIRY_WARNING_DAYS = 30;

/** Checks everything that a server needs and yields one finding at a time. */
export async function* runChecks(context: CommandContext, config: Config): AsyncGenerator<Finding> {
  yield { what: 'settings', verdict: 'ok', text: `level ${config.level}, ${config.public_url}` };
  yield checkWorkers(config);
  yield* checkFolder(config);
  yield checkCertificate(config);
  yield* await checkStorage(context, config);
  yield await checkTokens(config);
}

function checkFolder(config: Config): Finding[] {
  const what = 'data folder';
  const path = resolve(config.data_dir);
  if (!existsSync(path)) return [{ what, verdict: 'warn', text: `${path} is not there yet; the first start makes it` }];
  const { bavail, bsize } = statfsSync(path);
  const free = bavail * bsize;
  const space = `${Math.floor(free / 2 ** 20)} MiB free`;
  const findings: Finding[] = [
    free < LOW_SPACE_BYTES
      ? { what, verdict: 'warn', text: `${path}: only ${space}` }
      : { what, verdict: 'ok', text: `${path}, ${space}` },
  ];
  for (const { verdict, text } of accessFaults(config, path)) {
    findings.push({ what: 'files', verdict: verdict === 'refused' ? 'FAIL' : 'warn', text });
  }
  return findings;
}

function checkCertificate(config: Config): Finding {
  const what = 'certificate';
  const file = resolve(config.tls.certificate ?? join(config.data_dir, 'tls', 'server.pem'));
  if (!existsSync(file)) {
    return config.tls.certificate === undefined
      ? { what, verdict: 'warn', text: 'is not there yet; the first start makes it' }
      : { what, verdict: 'FAIL', text: `${file} is not there` };
  }
  try {
    const parsed = new X509Certificate(readFileSync(file));
    const days = Math.floor((Date.parse(parsed.validTo) - Date.now()) / 86_400_000);
    const host = new URL(config.public_url).hostname.replace(/^\[(.*)\]$/, '$1');
    if (days < 0) return { what, verdict: 'FAIL', text: `${file} ended on ${parsed.validTo}` };
    if ((parsed.checkHost(host) ?? parsed.checkIP(host)) === undefined) {
      return { what, verdict: 'FAIL', text: `${file} is not for ${host}, the host of public_url` };
    }
    return {
      what,
      verdict: days < EXPIRY_WARNING_DAYS ? 'warn' : 'ok',
      text: `${file}, for ${host}, good for ${days} days`,
    };
  } catch {
    return { what, verdict: 'FAIL', text: `${file} holds no certificate that can be read` };
  }
}

async function checkStorage(context: CommandContext, config: Config): Promise<Finding[]> {
  const place = config.database.url === undefined ? 'embedded' : 'outside';
  let storage: Storage;
  try {
    ({ storage } = await context.open());
    await storage.ping();
  } catch (error) {
    // Errors of the storage have readable messages; those of the domain only have a code.
    const text = error instanceof Error && error.message.includes(' ') ? error.message : 'does not answer';
    return [{ what: 'database', verdict: 'FAIL', text: `${place}: ${text}` }];
  }
  const findings: Finding[] = [{ what: 'database', verdict: 'ok', text: `${place}, schema up to date` }];
  findings.push(await checkKeys(storage));
  findings.push(...(await checkVault(storage, config.vault.kind)));
  return findings;
}

/** Returns the cause of a vault error, which is readable and quotes no request. */
function vaultReason(error: unknown): string {
  return error instanceof Error && error.cause instanceof Error ? error.cause.message : 'the vault does not answer';
}

async function checkVault({ vault, remoteVaults }: Storage, kind: Config['vault']['kind']): Promise<Finding[]> {
  const what = 'vault';
  try {
    await vault.check();
    const place = await remoteVaults.find((remote) => remote.kind === kind)?.vault.inspectRetention?.();
    const findings: Finding[] = [
      place === undefined
        ? { what, verdict: 'ok', text: kind }
        : { what, verdict: place.outcome === 'unreadable' ? 'warn' : 'ok', text: `${kind}: ${place.text}` },
    ];
    for (const remote of remoteVaults) {
      const token = await remote.vault.inspectToken?.();
      if (token === undefined) continue;
      const lasts = token.end === 'never' || token.end === 'renewed';
      findings.push({ what: 'vault token', verdict: lasts ? 'ok' : 'warn', text: token.text });
    }
    return findings;
  } catch (error) {
    return [{ what, verdict: 'FAIL', text: vaultReason(error) }];
  }
}

async function checkKeys(storage: Storage): Promise<Finding> {
  const what = 'keys';
  const [known, used] = await Promise.all([listKeys(storage.sql), usedKeys(storage.sql)]);
  const here = new Set(storage.vault.knownKeyIds());
  for (const id of storage.keyRing.knownKeyIds()) here.add(id);
  const unreadable = [...used].filter(([id]) => !here.has(id)).reduce((sum, [, count]) => sum + count, 0);
  if (unreadable > 0)
    return { what, verdict: 'FAIL', text: `${unreadable} values are sealed under keys that the settings do not have` };
  const active = storage.keyRing.activeKeyId();
  const name = known.find(({ id }) => id === active)?.name ?? active;
  const sealing = new Set([active, storage.vault.activeKeyId()]);
  const remaining = [...used].filter(([id]) => !sealing.has(id)).reduce((sum, [, count]) => sum + count, 0);
  const rest = remaining === 0 ? '' : `; ${remaining} values wait for the rotation`;
  return { what, verdict: 'ok', text: `active: ${name}${rest}` };
}

async function checkTokens(config: Config): Promise<Finding> {
  const what = 'tokens';
  if (!config.auth.oauth.enabled) return { what, verdict: 'ok', text: 'off: mutual TLS only' };
  const { url, internal_url, ca } = config.auth.uaa;
  if (url === undefined) return { what, verdict: 'ok', text: `built-in issuer, ${config.public_url}/uaa` };
  const { createUaaKeys } = await import('../auth/uaa-keys.ts');
  const { systemClock } = await import('@credplex/core');
  const uaaUrl = internal_url ?? url;
  try {
    const pem = ca === undefined ? undefined : readCertificates('auth.uaa.ca', ca);
    const source = createUaaKeys({ url: uaaUrl, ca: pem, clock: systemClock });
    const keys = await source.keys({ refresh: false });
    return { what, verdict: 'ok', text: `${await source.issuer()}, ${keys.length} keys` };
  } catch {
    return { what, verdict: 'FAIL', text: `${uaaUrl} does not answer with keys and an issuer` };
  }
}
