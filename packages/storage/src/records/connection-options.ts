/** A database URL as libpq knows it, as options of the driver: also `?host=/socket/folder`, `sslmode` and `sslrootcert`. */
import { readFileSync } from 'node:fs';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import type { Options } from 'postgres';

type Ssl = 'require' | 'prefer' | boolean | TlsOptions;

function ssl(mode: string | null, rootCertificate: string | null): Ssl {
  const ca = rootCertificate && rootCertificate !== 'system' ? { ca: readFileSync(rootCertificate, 'utf8') } : {};
  switch (mode ?? (rootCertificate ? 'verify-full' : 'disable')) {
    case 'disable':
    case 'allow':
      return false;
    case 'prefer':
      return 'prefer';
    case 'require':
      // libpq: with a root certificate `require` verifies the chain.
      return rootCertificate ? { ...ca, rejectUnauthorized: true, checkServerIdentity: () => undefined } : 'require';
    case 'verify-ca':
      return { ...ca, rejectUnauthorized: true, checkServerIdentity: () => undefined };
    case 'verify-full':
      return { ...ca, rejectUnauthorized: true };
    default:
      throw new Error('database.url: sslmode must be disable, allow, prefer, require, verify-ca or verify-full');
  }
}

/** @throws Error with one clear line (never the URL: it may hold a password). */
export function connectionOptions(text: string): Options<Record<string, never>> {
  let url: URL;
  try {
    url = new URL(text);
  } catch (cause) {
    throw new Error('database.url is not a URL (the text is not shown: it may hold a password)', {
      cause: (cause as { code?: string }).code,
    });
  }
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:')
    throw new Error('database.url must start with postgres:// or postgresql://');
  const query = url.searchParams;
  const host = query.get('host') ?? decodeURIComponent(url.hostname);
  const port = Number(query.get('port') ?? (url.port || 5432));
  const user = query.get('user') ?? decodeURIComponent(url.username);
  const password = query.get('password') ?? decodeURIComponent(url.password);
  const database = decodeURIComponent(url.pathname.slice(1));
  return {
    ...(host ? { host } : {}),
    port,
    ...(user ? { user } : {}),
    ...(password ? { password } : {}),
    ...(database ? { database } : {}),
    ssl: ssl(query.get('sslmode'), query.get('sslrootcert')),
  };
}
