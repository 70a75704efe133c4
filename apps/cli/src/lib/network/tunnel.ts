import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { dial, type Target } from './dial.ts';
import { DialError } from './failure.ts';
import type { ProxyServer } from './proxy.ts';

/**
 * Opens a stream to `target` through `proxy`.
 *
 * @throws DialError with the text that Go gives for the same failure.
 */
export async function openTunnel(proxy: ProxyServer, target: Target): Promise<Duplex> {
  if (proxy.kind === 'ssh+socks5') {
    const { openSshTunnel } = await import('./ssh-tunnel.ts');
    return openSshTunnel(proxy, target);
  }
  if (proxy.kind === 'socks5') {
    const { socksHandshake } = await import('./socks.ts');
    const way = `socks connect tcp ${proxy.host}:${proxy.port}->${target.host}:${target.port}`;
    const socket = await dial(proxy, (cause) => `${way}: ${cause}`);
    try {
      await socksHandshake(socket, proxy, target);
    } catch (error) {
      socket.destroy();
      throw new DialError(`${way}: ${error instanceof Error ? error.message : String(error)}`);
    }
    return socket;
  }
  return httpConnect(proxy, target);
}

async function httpConnect(proxy: ProxyServer, target: Target): Promise<Duplex> {
  const raw = await dial(proxy, (cause) => `proxyconnect tcp: ${cause}`);
  const socket: Socket = proxy.kind === 'https' ? await secured(raw, proxy.host) : raw;
  const authority = `${target.host.includes(':') ? `[${target.host}]` : target.host}:${target.port}`;
  const authorization = proxy.authorization === undefined ? '' : `Proxy-Authorization: ${proxy.authorization}\r\n`;
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${authorization}\r\n`);
  const { readUntil } = await import('./read-exactly.ts');
  const head = (await readUntil(socket, '\r\n\r\n')).toString('latin1');
  const status = /^HTTP\/1\.[01] (\d{3}) ?([^\r]*)/.exec(head);
  if (status?.[1] === '200') return socket;
  socket.destroy();
  // net/http answers with the proxy's reason phrase alone.
  throw new DialError(status?.[2] || 'malformed HTTP response');
}

async function secured(socket: Socket, host: string): Promise<Socket> {
  const tls = await import('node:tls');
  return new Promise((resolve, reject) => {
    const secure = tls.connect({ socket, servername: host, minVersion: 'TLSv1.2' });
    secure.once('error', (error) => reject(new DialError(`proxyconnect tcp: ${error.message}`)));
    secure.once('secureConnect', () => resolve(secure));
  });
}
