import { string } from '@oclif/core/flags';
import { credentialsIn } from '../../lib/api/answers.ts';
import { parseMetadata } from '../../lib/api/metadata.ts';
import { knownServer, requireMetadata } from '../../lib/api/server-version.ts';
import { fieldOf } from '../../lib/format/document.ts';
import { isObject, type JsonObject } from '../../lib/format/json-tree.ts';
import { printRedacted } from '../../lib/terminal/print.ts';
import { type Context, CredhubCommand } from '../command.ts';
import { outputJson } from '../common-flags.ts';
import { credentialName } from '../flag-types.ts';

export default class Regenerate extends CredhubCommand {
  static override readonly aliases = ['r'];
  static override readonly summary = 'Generate a credential again, as it was generated before';
  static override readonly description = 'Generates a new version with the parameters of the stored one.';
  static override readonly examples = ['credhub regenerate -n /deploy/password'];
  static override readonly flags = {
    name: credentialName(string({ char: 'n', summary: 'Name of the credential', required: true })),
    metadata: string({ summary: '[JSON object] Metadata to store; without it the stored metadata is kept' }),
    'output-json': outputJson,
  };

  override async run(): Promise<void> {
    await regenerate(await this.open(Regenerate));
  }
}

type RegenerateContext = Context<typeof Regenerate.flags>;

async function regenerate(context: RegenerateContext): Promise<void> {
  const { flags, api, host } = context;
  const metadata = flags.metadata ? parseMetadata(flags.metadata) : await storedMetadata(context);
  const server = await knownServer(api);
  if (metadata !== undefined) await requireMetadata(api, server);
  const body = { name: flags.name ?? '', regenerate: true, metadata } as const;
  printRedacted(host, await api.call('POST /api/v1/data', { body }), flags['output-json']);
}

/** Returns the stored metadata, which must be sent again because a new version has only the metadata of its request. */
async function storedMetadata({ flags, api }: RegenerateContext): Promise<JsonObject | undefined> {
  const query = { current: true, name: flags.name ?? '' };
  const [credential] = credentialsIn(await api.call('GET /api/v1/data', { query }));
  const metadata = fieldOf(credential, 'metadata');
  return isObject(metadata) && metadata.entries.size > 0 ? metadata : undefined;
}
