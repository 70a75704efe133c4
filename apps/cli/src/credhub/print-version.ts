import { createApi } from '../lib/api/api.ts';
import { fetchServerVersion } from '../lib/api/server-version.ts';
import { askAuthUrl } from '../lib/api/target.ts';
import { hasToken } from '../lib/session/config-file.ts';
import { openSession, rememberTarget } from '../lib/session/session.ts';
import type { Host } from '../lib/terminal/host.ts';
import { CLI_VERSION } from './version.ts';

/** `--version`: this program's version and the server's, which never makes it fail. */
export async function printVersion(host: Host, httpTimeout: bigint | undefined): Promise<void> {
  const server = await serverText(host, httpTimeout).catch(() => undefined);
  const unknown = 'Not Found. Have you targeted and authenticated against a CredHub server?';
  host.out(`CLI Version: ${CLI_VERSION}\nServer Version: ${server ?? unknown}\n`);
}

async function serverText(host: Host, httpTimeout: bigint | undefined): Promise<string | undefined> {
  const session = openSession(host, httpTimeout);
  const { config } = session;
  if (config.apiUrl === '' || !(hasToken(config) || session.client)) return undefined;
  if (config.authUrl === '') config.authUrl = await askAuthUrl(session);
  rememberTarget(session);
  return (await fetchServerVersion(createApi(session))).version.text;
}
