/** A database URL as libpq knows it, as options of the driver: also `?host=/socket/folder`, `sslmode` and `sslrootcert`. */
import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { checkServerIdentity, type ConnectionOptions as TlsOptions } from 'node:tls';

type Ssl = 'require' | 'prefer' | boolean | TlsOptions;

/** Options of the driver. Its types do not know that it takes lists of hosts. */
export interface ConnectionOptions {
  readonly host?: string | string[];
  readonly port: number | number[];
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  readonly ssl: Ssl;
}

function readCertificates(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Error(`database.url: the sslrootcert ${file} cannot be read`, { cause });
  }
}

const onThisMachine = /^(localhost|127\..*|::1|\/.*|)$/;

/** Without `sslmode`: libpq's `prefer`, but nothing on this machine, where it would only cost time. */
function ssl(mode: string | null, rootCertificate: string | null, host: string): Ssl {
  // libpq takes only roots; the other CA settings also take an intermediate or the server's own certificate.
  const ca =
    rootCertificate && rootCertificate !== 'system'
      ? { ca: readCertificates(rootCertificate), allowPartialTrustChain: true }
      : {};
  const unnamed = onThisMachine.test(host) ? 'disable' : 'prefer';
  switch (mode ?? (rootCertificate ? 'verify-full' : unnamed)) {
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
      // The driver leaves addresses out of TLS, and Node would then look for `localhost` in the certificate.
      return { ...ca, rejectUnauthorized: true, checkServerIdentity: (_, peer) => checkServerIdentity(host, peer) };
    default:
      throw new Error('database.url: sslmode must be disable, allow, prefer, require, verify-ca or verify-full');
  }
}

/** An account without a host (`postgres://user@/db?host=/folder`) is libpq's, but no URL to WHATWG. */
const withoutHost = /^(postgres(?:ql)?:\/\/[^/?#@]*@)(?=[:/?]|$)/i;
const noHost = 'host.invalid';

/** @throws Error with one clear line (never the URL: it may hold a password). */
export function connectionOptions(text: string): ConnectionOptions {
  try {
    return optionsOf(new URL(text.replace(withoutHost, `$1${noHost}`)));
  } catch (error) {
    const { code, name } = error as { code?: string; name?: string };
    if (code !== 'ERR_INVALID_URL' && name !== 'URIError') throw error;
    throw new Error('database.url is not a URL (the text is not shown: it may hold a password)', { cause: code });
  }
}

function optionsOf(url: URL): ConnectionOptions {
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:')
    throw new Error('database.url must start with postgres:// or postgresql://');
  const query = url.searchParams;
  const named = url.hostname === noHost ? '' : decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, '$1');
  const host = query.get('host') ?? named;
  const port = Number(query.get('port') ?? (url.port || 5432));
  const user = query.get('user') ?? decodeURIComponent(url.username);
  const password = query.get('password') ?? decodeURIComponent(url.password);
  const database = decodeURIComponent(url.pathname.slice(1));
  return {
    // The driver takes a text apart at its colons, a list as it is.
    ...(isIPv6(host) ? { host: [host], port: [port] } : { ...(host ? { host } : {}), port }),
    ...(user ? { user } : {}),
    ...(password ? { password } : {}),
    ...(database ? { database } : {}),
    ssl: ssl(query.get('sslmode'), query.get('sslrootcert'), host),
  };
}
