import { credentialsIn } from '../lib/api.ts';
import { interpolate } from '../lib/documents/interpolate.ts';
import { CommandFailure } from '../lib/failure.ts';
import { readBytes } from '../lib/files.ts';
import { findCredentials } from '../lib/find-credentials.ts';
import { field, textField } from '../lib/format/value.ts';
import type { Context } from './command-definition.ts';
import type { INTERPOLATE_FLAGS } from './flags.ts';

export async function interpolateCommand({ values, api, host }: Context<typeof INTERPOLATE_FLAGS>): Promise<void> {
  if (!values.file) {
    throw new CommandFailure('A file to interpolate must be provided. Please add a file flag and try again.');
  }
  const text = readBytes(host.cwd, values.file);
  const { file, prefix, skipMissing } = values;
  // Asked for once and first, whether or not the template turns out to need it: the original's order of requests.
  const found = text.length === 0 ? [] : await findCredentials(api, { path: '' });
  const filled = await interpolate(
    { text, file, prefix, skipMissing },
    {
      names: () => Promise.resolve(found.map(({ name }) => name)),
      read: async (name) => {
        const query = { current: 'true', name };
        const [credential] = credentialsIn(await api.call({ method: 'GET', path: '/api/v1/data', query }));
        return { type: textField(credential, 'type') ?? '', value: field(credential, 'value') ?? null };
      },
    },
  );
  host.out(filled.stdout);
  host.err(filled.stderr);
}
