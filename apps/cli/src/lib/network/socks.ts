import { isIPv4 } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Target } from './dial.ts';
import type { ProxyServer } from './proxy.ts';
import { readExactly } from './read-exactly.ts';

// RFC 1928, section 6.
const REPLIES: Readonly<Record<number, string>> = {
  1: 'general SOCKS server failure',
  2: 'connection not allowed by ruleset',
  3: 'network unreachable',
  4: 'host unreachable',
  5: 'connection refused',
  6: 'TTL expired',
  7: 'command not supported',
  8: 'address type not supported',
};

const NO_AUTHENTICATION = 0;
const USER_AND_PASSWORD = 2;

/** Asks a SOCKS5 server for a connection to `target` (RFC 1928, RFC 1929). Names are left to the proxy to resolve. */
export async function socksHandshake(stream: Duplex, proxy: ProxyServer, target: Target): Promise<void> {
  const methods = proxy.user === undefined ? [NO_AUTHENTICATION] : [NO_AUTHENTICATION, USER_AND_PASSWORD];
  stream.write(Buffer.from([5, methods.length, ...methods]));
  const [version, method] = await readExactly(stream, 2);
  if (version !== 5) throw new Error(`unexpected protocol version ${version}`);
  if (method === USER_AND_PASSWORD && proxy.user !== undefined)
    await authenticate(stream, proxy.user, proxy.password ?? '');
  else if (method !== NO_AUTHENTICATION) throw new Error('no acceptable authentication methods');
  stream.write(
    Buffer.concat([Buffer.from([5, 1, 0]), addressOf(target.host), Buffer.from([target.port >> 8, target.port & 255])]),
  );
  const [, reply = 1, , kind] = await readExactly(stream, 4);
  if (reply !== 0) throw new Error(REPLIES[reply] ?? `unknown code: ${reply}`);
  const length = kind === 1 ? 4 : kind === 4 ? 16 : ((await readExactly(stream, 1))[0] ?? 0);
  await readExactly(stream, length + 2);
}

async function authenticate(stream: Duplex, user: string, password: string): Promise<void> {
  const [name, secret] = [Buffer.from(user), Buffer.from(password)];
  if (name.length > 255 || secret.length > 255) throw new Error('invalid username/password');
  stream.write(Buffer.concat([Buffer.from([1, name.length]), name, Buffer.from([secret.length]), secret]));
  const [, status] = await readExactly(stream, 2);
  if (status !== 0) throw new Error('username/password authentication failed');
}

function addressOf(host: string): Buffer {
  if (isIPv4(host)) return Buffer.from([1, ...host.split('.').map(Number)]);
  const name = Buffer.from(host);
  return Buffer.concat([Buffer.from([3, name.length]), name]);
}
