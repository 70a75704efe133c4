import { accessSync, constants } from 'node:fs';
import { isIP } from 'node:net';

/** A proxy to the target. */
export interface ProxyServer {
  readonly kind: 'http' | 'https' | 'socks5' | 'ssh+socks5';
  readonly host: string;
  readonly port: number;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** Value of Proxy-Authorization, for HTTP proxies that want a password. */
  readonly authorization: string | undefined;
  /** Private key file of an SSH tunnel. */
  readonly keyFile: string | undefined;
}

type Env = Readonly<Record<string, string | undefined>>;

const DEFAULT_PORT: Readonly<Record<string, number>> = { http: 80, https: 443, socks5: 1080, 'ssh+socks5': 22 };

/**
 * Which proxy leads to `url`, if any. `own` is CREDHUB_PROXY: it counts for https targets only, an unusable one is as
 * good as none (docs/reference/credhub-cli.md#configuration), and it silences the usual variables. Loopback hosts never
 * go through the proxies of https_proxy and http_proxy, as in Go; CREDHUB_PROXY honours only no_proxy.
 */
export function proxyFor(url: URL, env: Env, own?: string): ProxyServer | undefined {
  const exempt = isExempt(url, env.no_proxy || env.NO_PROXY || '');
  const chosen = own && url.protocol === 'https:' ? parseProxy(own, ['socks5', 'ssh+socks5']) : undefined;
  if (chosen) return exempt ? undefined : chosen;
  const name = url.protocol === 'https:' ? 'https_proxy' : 'http_proxy';
  const value = env[name] || env[name.toUpperCase()];
  if (!value || exempt || isLoopback(url.hostname)) return undefined;
  return parseProxy(value.includes('://') ? value : `http://${value}`, ['http', 'https', 'socks5']);
}

function parseProxy(text: string, kinds: readonly ProxyServer['kind'][]): ProxyServer | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const scheme = url.protocol.slice(0, -1).replace(/^socks5h$/, 'socks5');
  const kind = kinds.find((known) => known === scheme);
  if (kind === undefined || url.hostname === '') return undefined;
  const user = url.username === '' ? undefined : decodeURIComponent(url.username);
  const password = url.password === '' ? undefined : decodeURIComponent(url.password);
  const keyFile = url.searchParams.get('private-key') ?? undefined;
  if (kind === 'ssh+socks5' && !isReadable(keyFile)) return undefined;
  const basic = user === undefined ? undefined : Buffer.from(`${user}:${password ?? ''}`).toString('base64');
  return {
    kind,
    host: bare(url.hostname),
    port: Number(url.port) || DEFAULT_PORT[kind] || 0,
    user,
    password,
    authorization: basic === undefined ? undefined : `Basic ${basic}`,
    keyFile,
  };
}

function isReadable(file: string | undefined): boolean {
  if (file === undefined) return false;
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

function isLoopback(hostname: string): boolean {
  const host = bare(hostname).toLowerCase();
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** The rules of golang.org/x/net/http/httpproxy: `*`, addresses, CIDR ranges, names with their subdomains, `:port`. */
function isExempt(url: URL, list: string): boolean {
  const host = bare(url.hostname).toLowerCase();
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return list
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => entry !== '' && (entry === '*' || matches(entry, host, port)));
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry.includes('/')) return inRange(entry, host);
  const withPort = /^(\[[^\]]+\]|[^:]+):(\d+)$/.exec(entry);
  if (withPort && withPort[2] !== port) return false;
  const name = bare(withPort?.[1] ?? entry).replace(/^\*\./, '.');
  if (isIP(name) !== 0 || isIP(host) !== 0) return name === host;
  return name.startsWith('.') ? host.endsWith(name) : host === name || host.endsWith(`.${name}`);
}

function inRange(entry: string, host: string): boolean {
  const [base = '', bits = ''] = entry.split('/');
  if (isIP(base) !== 4 || isIP(host) !== 4) return base === host;
  const shift = 32 - Number(bits);
  const number = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return Math.floor(number(base) / 2 ** shift) === Math.floor(number(host) / 2 ** shift);
}

function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}
