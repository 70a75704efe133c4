import { readFileSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import { dial, type Target } from './dial.ts';
import { DialError } from './failure.ts';
import type { ProxyServer } from './proxy.ts';

// One SSH connection carries every request of the command.
const clients = new Map<string, Promise<Client>>();

/** A stream to `target` forwarded by an SSH server, the user and private key file being those of the proxy's URL. */
export async function openSshTunnel(proxy: ProxyServer, target: Target): Promise<Duplex> {
  const key = `${proxy.user}@${proxy.host}:${proxy.port}`;
  let client = clients.get(key);
  if (client === undefined) {
    client = connectSsh(proxy);
    clients.set(key, client);
  }
  const connected = await client;
  return new Promise((resolve, reject) => {
    connected.forwardOut('127.0.0.1', 0, target.host, target.port, (error, channel) => {
      if (error) return reject(new DialError(`ssh: rejected: ${error.message}`));
      // The command must be able to end while the tunnel is still open.
      resolve(channel);
    });
  });
}

async function connectSsh(proxy: ProxyServer): Promise<Client> {
  const socket = await dial(proxy, (cause) => `get host key: ${cause}`);
  const ssh2 = await import('ssh2');
  const client = new ssh2.default.Client();
  return new Promise((resolve, reject) => {
    client.once('ready', () => {
      socket.unref();
      resolve(client);
    });
    client.once('error', (error) => reject(new DialError(`ssh: handshake failed: ${error.message}`)));
    client.connect({
      sock: socket,
      ...(proxy.user === undefined ? {} : { username: proxy.user }),
      privateKey: readFileSync(proxy.keyFile ?? ''),
    });
  });
}
