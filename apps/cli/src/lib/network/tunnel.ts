import { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';
import { dial, type Target } from './dial.ts';
import { DialError, describeFailure } from './failure.ts';
import type { ProxyServer } from './proxy.ts';

/**
 * Opens a stream to `target` through `proxy`. A proxy of https is trusted as the target is, by `trust`, as in Go's net/http.
 *
 * @throws DialError with the text that Go gives for the same failure.
 */
export async function openTunnel(proxy: ProxyServer, target: Target, trust: ConnectionOptions): Promise<Duplex> {
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
  return httpConnect(proxy, target, trust);
}

/** Connects to a proxy of http or https itself. @throws DialError */
export async function connectToProxy(proxy: ProxyServer, trust: ConnectionOptions): Promise<Socket> {
  const raw = await dial(proxy, (cause) => `proxyconnect tcp: ${cause}`);
  return proxy.kind === 'https' ? secured(raw, proxy.host, trust) : raw;
}

async function httpConnect(proxy: ProxyServer, target: Target, trust: ConnectionOptions): Promise<Duplex> {
  const socket = await connectToProxy(proxy, trust);
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

async function secured(socket: Socket, host: string, trust: ConnectionOptions): Promise<Socket> {
  const tls = await import('node:tls');
  return new Promise((resolve, reject) => {
    // The name that the certificate must have is `host`; an address is none that may be sent (RFC 6066, section 3).
    const secure = tls.connect({ ...trust, socket, host, servername: isIP(host) === 0 ? host : '' });
    secure.once('error', (error) => {
      const detail = describeFailure(error, new URL(`https://${isIP(host) === 6 ? `[${host}]` : host}`));
      // With its cause, so that further authorities are tried.
      reject(new DialError(`proxyconnect tcp: ${detail}`, { cause: error }));
    });
    secure.once('secureConnect', () => resolve(secure));
  });
}
