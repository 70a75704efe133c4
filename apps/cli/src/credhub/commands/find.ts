import { boolean, string } from '@oclif/core/flags';
import { findCredentials } from '../../lib/api/find-credentials.ts';
import { CommandFailure } from '../../lib/failure.ts';
import { listOf, textOf } from '../../lib/format/document.ts';
import { record } from '../../lib/format/json-tree.ts';
import { printValue } from '../../lib/terminal/print.ts';
import { type Context, CredhubCommand } from '../command.ts';
import { outputJson } from '../common-flags.ts';

export default class Find extends CredhubCommand {
  static override readonly aliases = ['f'];
  static override readonly summary = 'List names of credentials';
  static override readonly description =
    'Lists credentials by a part of their name or by path, newest first; without a flag, all of them.';
  static override readonly examples = [
    'credhub find -n password',
    'credhub find -p /deploy',
    'credhub find --all-paths',
  ];
  static override readonly flags = {
    'name-like': string({ char: 'n', summary: 'Part of the name' }),
    path: string({ char: 'p', summary: 'Path that the credentials lie under' }),
    'all-paths': boolean({ char: 'a', summary: 'List the paths instead of the credentials' }),
    'output-json': outputJson,
  };

  override async run(): Promise<void> {
    await find(await this.open(Find));
  }
}

async function find({ flags, api, host }: Context<typeof Find.flags>): Promise<void> {
  if (flags['all-paths']) {
    const answer = await api.call('GET /api/v1/data', { query: { paths: true } });
    const paths = listOf(answer, 'paths').map((item) => record({ path: textOf(item, 'path') ?? '' }));
    return printValue(host, record({ paths }), flags['output-json']);
  }
  const found = await findCredentials(
    api,
    flags['name-like'] ? { 'name-like': flags['name-like'] } : { path: flags.path ?? '' },
  );
  if (flags['name-like'] && found.length === 0) {
    throw new CommandFailure('No credentials exist which match the provided parameters.');
  }
  const credentials = found.map(({ name, versionCreatedAt }) => record({ name, version_created_at: versionCreatedAt }));
  printValue(host, record({ credentials }), flags['output-json']);
}
