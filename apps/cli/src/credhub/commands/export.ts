import { string } from '@oclif/core/flags';
import { credentialsIn } from '../../lib/api/answers.ts';
import type { Api } from '../../lib/api/api.ts';
import { findCredentials } from '../../lib/api/find-credentials.ts';
import { type ExportEntry, jsonForm, withSigner, yamlForm } from '../../lib/documents/export-file.ts';
import { writeTextFile } from '../../lib/files/files.ts';
import { fieldOf, listOf, textOf } from '../../lib/format/document.ts';
import { inOrder } from '../../lib/in-order.ts';
import { rememberTarget } from '../../lib/session/session.ts';
import { progressOn } from '../../lib/terminal/progress.ts';
import { type Context, CredhubCommand } from '../command.ts';
import { outputJson } from '../common-flags.ts';

export default class ExportCommand extends CredhubCommand {
  static override readonly aliases = ['e'];
  static override readonly summary = 'Write credentials to a file that import reads';
  static override readonly description =
    'Writes the newest version of all credentials, or of those below a path, as YAML or JSON.';
  static override readonly examples = ['credhub export -p /deploy -f deploy.yml'];
  static override readonly flags = {
    path: string({ char: 'p', summary: 'Path of the credentials; without it all are exported' }),
    file: string({ char: 'f', summary: 'File to write to' }),
    'output-json': outputJson,
  };

  override async run(): Promise<void> {
    await exportCommand(await this.open(ExportCommand));
  }
}

const MAX_CONCURRENT = 8;

/** Any read that fails ends the export, and nothing is written. */
async function exportCommand({ flags, api, host, session }: Context<typeof ExportCommand.flags>): Promise<void> {
  rememberTarget(session);
  const names = (await findCredentials(api, { path: flags.path ?? '' })).map(({ name }) => name);
  const progress = progressOn(host, 'Exporting', names.length);
  const form = flags['output-json'] ? jsonForm : yamlForm;
  const items: string[] = [];
  try {
    for await (const outcome of inOrder(names, MAX_CONCURRENT, async (name) => form.item(await readEntry(api, name)))) {
      if (outcome.failed) throw outcome.error;
      items.push(outcome.result);
      progress.step();
    }
  } finally {
    progress.end();
  }
  const text = form.whole(items);
  if (flags.file) writeTextFile(host.cwd, flags.file, text);
  else host.out(text);
}

async function readEntry(api: Api, name: string): Promise<ExportEntry> {
  const query = { current: true, name };
  const [credential] = credentialsIn(await api.call('GET /api/v1/data', { query }));
  const entry = {
    name: textOf(credential, 'name') ?? name,
    type: textOf(credential, 'type') ?? '',
    value: fieldOf(credential, 'value') ?? null,
    metadata: fieldOf(credential, 'metadata'),
  };
  if (entry.type !== 'certificate') return entry;
  const signer = await signerOf(api, name);
  return signer === undefined ? entry : { ...entry, value: withSigner(entry.value, signer) };
}

/** The stored CA that signed a certificate; none for what signed itself, or what the server does not list. */
async function signerOf(api: Api, name: string): Promise<string | undefined> {
  const answer = await api.call('GET /api/v1/certificates/', { query: { name } });
  const signer = textOf(listOf(answer, 'certificates')[0], 'signed_by');
  return signer === undefined || signer === '' || signer === name ? undefined : signer;
}
