import { boolean, string } from '@oclif/core/flags';
import { findCredentials } from '../../lib/api/find-credentials.ts';
import { CommandFailure } from '../../lib/failure.ts';
import { record, type Value } from '../../lib/format/json-tree.ts';
import { printYaml } from '../../lib/format/yaml.ts';
import { inOrder } from '../../lib/in-order.ts';
import { progressOn } from '../../lib/terminal/progress.ts';
import { type Context, CredhubCommand } from '../command.ts';
import { credentialName } from '../flag-types.ts';

export default class DeleteCommand extends CredhubCommand {
  static override readonly aliases = ['d'];
  static override readonly summary = 'Delete a credential, or all below a path';
  static override readonly description =
    'Deletes a credential with all its versions, or every credential below a path.';
  static override readonly examples = ['credhub delete -n /deploy/password', 'credhub delete -p /deploy'];
  static override readonly flags = {
    name: credentialName(string({ char: 'n', summary: 'Name of the credential' })),
    path: string({ char: 'p', summary: 'Delete every credential below this path' }),
    quiet: boolean({ char: 'q', summary: 'With --path: report only the result' }),
  };

  override async run(): Promise<void> {
    await deleteCommand(await this.open(DeleteCommand));
  }
}

type DeleteContext = Context<typeof DeleteCommand.flags>;

const MAX_CONCURRENT = 8;

async function deleteCommand(context: DeleteContext): Promise<void> {
  const { flags, host } = context;
  if (flags.name) {
    await deleteOne(context, flags.name);
    host.out('Credential successfully deleted\n');
  } else if (flags.path) {
    await deletePath(context, flags.path);
  } else {
    throw new CommandFailure('A name or path must be provided. Please update and retry your request.');
  }
}

async function deleteOne({ api }: DeleteContext, name: string): Promise<void> {
  await api.call('DELETE /api/v1/data', { query: { name } });
}

async function deletePath(context: DeleteContext, path: string): Promise<void> {
  const { flags, api, host } = context;
  const names = (await findCredentials(api, { path })).map(({ name }) => name);
  const failures: Value[] = [];
  let deleted = 0;
  const report = (all: string): string =>
    `${all}${deleted} out of ${names.length} credentials under the provided path are successfully deleted.\n`;
  // A pipe gets the original's line for each name; on a terminal a bar shows the same.
  const linePerName = !flags.quiet && !host.outIsTerminal;
  const progress = progressOn(host, 'Deleting', names.length);
  for await (const outcome of inOrder(names, MAX_CONCURRENT, (name) => deleteOne(context, name))) {
    progress.step();
    if (outcome.failed) {
      const { error } = outcome;
      failures.push(record({ name: outcome.item, err: error instanceof Error ? error.message : String(error) }));
    } else {
      deleted++;
      if (linePerName) host.out(`\x1b[2K\r${report('')}`);
    }
  }
  progress.end();
  if (flags.quiet || (host.outIsTerminal && names.length > 0)) host.out(report(failures.length === 0 ? 'All ' : ''));
  if (failures.length === 0) return;
  host.err(
    `${failures.length} out of ${names.length} credentials under the provided path failed to delete. The following credentials failed to delete:\n${printYaml(failures)}`,
  );
  throw new CommandFailure(
    'Some or all of the credential under the provided path could not be deleted. Please refer to the error output.',
  );
}
