import { type Api, credentialsIn } from '../lib/api.ts';
import { type ExportEntry, jsonForm, withSigner, yamlForm } from '../lib/documents/export-file.ts';
import { writeTextFile } from '../lib/files.ts';
import { findCredentials } from '../lib/find-credentials.ts';
import { field, listField, textField } from '../lib/format/value.ts';
import { inOrder } from '../lib/in-order.ts';
import { progressOn } from '../lib/progress.ts';
import { rememberTarget } from '../lib/session.ts';
import type { Context } from './command-definition.ts';
import type { EXPORT_FLAGS } from './flags.ts';

const AT_ONCE = 8;

/** Any read that fails ends the export, and nothing is written. */
export async function exportCommand({ values, api, host, session }: Context<typeof EXPORT_FLAGS>): Promise<void> {
  rememberTarget(session);
  const names = (await findCredentials(api, { path: values.path ?? '' })).map(({ name }) => name);
  const progress = progressOn(host, 'Exporting', names.length);
  const form = values.outputJson ? jsonForm : yamlForm;
  const items: string[] = [];
  try {
    for await (const outcome of inOrder(names, AT_ONCE, async (name) => form.item(await readEntry(api, name)))) {
      if (outcome.failed) throw outcome.error;
      items.push(outcome.result);
      progress.step();
    }
  } finally {
    progress.end();
  }
  const text = form.whole(items);
  if (values.file) writeTextFile(host.cwd, values.file, text);
  else host.out(text);
}

async function readEntry(api: Api, name: string): Promise<ExportEntry> {
  const query = { current: 'true', name };
  const [credential] = credentialsIn(await api.call({ method: 'GET', path: '/api/v1/data', query }));
  const entry = {
    name: textField(credential, 'name') ?? name,
    type: textField(credential, 'type') ?? '',
    value: field(credential, 'value') ?? null,
    metadata: field(credential, 'metadata'),
  };
  if (entry.type !== 'certificate') return entry;
  const signer = await signerOf(api, name);
  return signer === undefined ? entry : { ...entry, value: withSigner(entry.value, signer) };
}

/** The stored CA that signed a certificate; none for what signed itself, or what the server does not list. */
async function signerOf(api: Api, name: string): Promise<string | undefined> {
  const answer = await api.call({ method: 'GET', path: '/api/v1/certificates/', query: { name } });
  const signer = textField(listField(answer, 'certificates')[0], 'signed_by');
  return signer === undefined || signer === '' || signer === name ? undefined : signer;
}
