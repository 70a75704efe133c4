import { credentialsIn } from '../lib/api.ts';
import { field, isObject, type JsonObject, record } from '../lib/format/value.ts';
import { parseMetadata } from '../lib/metadata.ts';
import { printRedacted } from '../lib/print.ts';
import { knownServer, requireMetadata } from '../lib/server-version.ts';
import type { Context } from './command-definition.ts';
import type { REGENERATE_FLAGS } from './flags.ts';

type RegenerateContext = Context<typeof REGENERATE_FLAGS>;

export async function regenerate(context: RegenerateContext): Promise<void> {
  const { values, api, host } = context;
  const metadata = values.metadata ? parseMetadata(values.metadata) : await storedMetadata(context);
  const server = await knownServer(api);
  if (metadata !== undefined) await requireMetadata(api, server);
  const body = record({ name: values.name ?? '', regenerate: true, metadata });
  printRedacted(host, await api.call({ method: 'POST', path: '/api/v1/data', body }), values.outputJson);
}

/** A new version has only the metadata that is sent, so what is stored is sent again to keep it. */
async function storedMetadata({ values, api }: RegenerateContext): Promise<JsonObject | undefined> {
  const query = { current: 'true', name: values.name ?? '' };
  const [credential] = credentialsIn(await api.call({ method: 'GET', path: '/api/v1/data', query }));
  const metadata = field(credential, 'metadata');
  return isObject(metadata) && metadata.entries.length > 0 ? metadata : undefined;
}
