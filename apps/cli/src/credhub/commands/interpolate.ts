import { boolean, string } from '@oclif/core/flags';
import { credentialsIn } from '../../lib/api/answers.ts';
import { findCredentials } from '../../lib/api/find-credentials.ts';
import { interpolate } from '../../lib/documents/interpolate.ts';
import { CommandFailure } from '../../lib/failure.ts';
import { readBytes } from '../../lib/files/files.ts';
import { fieldOf, textOf } from '../../lib/format/document.ts';
import { type Context, CredhubCommand } from '../command.ts';

export default class Interpolate extends CredhubCommand {
  static override readonly summary = 'Fill a template with credentials';
  static override readonly description =
    "Replaces ((name)) in the texts and keys of a YAML file by the credential of that name, and ((name.field)) by a field of it. Names that do not start with '/' get the prefix in front.";
  static override readonly examples = ['credhub interpolate -f manifest.yml -p /deploy > filled.yml'];
  static override readonly flags = {
    file: string({ char: 'f', summary: 'Template to fill in' }),
    prefix: string({ char: 'p', summary: "Path put in front of names that do not start with '/'" }),
    'skip-missing': boolean({ char: 's', summary: 'Leave placeholders without a credential as they are' }),
  };

  override async run(): Promise<void> {
    await interpolateCommand(await this.open(Interpolate));
  }
}

async function interpolateCommand({ flags, api, host }: Context<typeof Interpolate.flags>): Promise<void> {
  if (!flags.file) {
    throw new CommandFailure('A file to interpolate must be provided. Please add a file flag and try again.');
  }
  const text = readBytes(host.cwd, flags.file);
  const { file, prefix, 'skip-missing': skipMissing } = flags;
  // Asked for once and first, whether or not the template turns out to need it: the original's order of requests.
  const found = text.length === 0 ? [] : await findCredentials(api, { path: '' });
  const filled = await interpolate(
    { text, file, prefix, skipMissing },
    {
      names: () => Promise.resolve(found.map(({ name }) => name)),
      read: async (name) => {
        const query = { current: true, name };
        const [credential] = credentialsIn(await api.call('GET /api/v1/data', { query }));
        return { type: textOf(credential, 'type') ?? '', value: fieldOf(credential, 'value') ?? null };
      },
    },
  );
  host.out(filled.stdout);
  host.err(filled.stderr);
}
