/** Listen addresses before anything is opened: is each free, and which port does `:0` become? */
import { type AddressInfo, createServer } from 'node:net';
import type { Config, ListenAddress } from '../config.ts';
import { StartError } from './start-error.ts';

/**
 * The configuration with every port decided. Looked at first, so that a second start by mistake ends before it touches the
 * data of the first. @throws StartError for an address that cannot be listened on
 */
export async function decideAddresses(config: Config): Promise<Config> {
  const listen: ListenAddress[] = [];
  for (const address of config.listen) listen.push(await tryAddress(address));
  const asked = config.management.listen;
  const management =
    asked === undefined ? config.management : { ...config.management, listen: await tryAddress(asked) };
  const guessed = `https://localhost:${config.listen[0]?.port}`;
  const public_url = config.public_url === guessed ? `https://localhost:${listen[0]?.port}` : config.public_url;
  return { ...config, listen, management, public_url };
}

async function tryAddress(address: ListenAddress): Promise<ListenAddress> {
  const probe = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      probe.once('error', reject);
      probe.listen({ ...address, exclusive: true }, resolve);
    });
    return { ...address, port: (probe.address() as AddressInfo).port };
  } catch (error) {
    throw listenError(error, address);
  } finally {
    await new Promise((resolve) => probe.close(resolve));
  }
}

export function listenError(error: unknown, { host, port }: ListenAddress): StartError {
  const place = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'EADDRINUSE':
      return new StartError(`port ${port} is in use (${place}): stop what listens there, or set another \`listen\``);
    case 'EACCES':
      return new StartError(`${place} may not be listened on: permission denied (ports below 1024 need root)`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new StartError(`${place} is no address of this machine`);
    default:
      return new StartError(`${place} cannot be listened on (${String(code ?? 'unknown reason')})`);
  }
}
