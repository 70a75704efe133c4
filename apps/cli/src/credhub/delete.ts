import { CommandFailure } from '../lib/failure.ts';
import { findCredentials } from '../lib/find-credentials.ts';
import { record, type Value } from '../lib/format/value.ts';
import { printYaml } from '../lib/format/yaml.ts';
import { inOrder } from '../lib/in-order.ts';
import { progressOn } from '../lib/progress.ts';
import type { Context } from './command-definition.ts';
import type { DELETE_FLAGS } from './flags.ts';

type DeleteContext = Context<typeof DELETE_FLAGS>;

const AT_ONCE = 8;

export async function deleteCommand(context: DeleteContext): Promise<void> {
  const { values, host } = context;
  if (values.name) {
    await deleteOne(context, values.name);
    host.out('Credential successfully deleted\n');
  } else if (values.path) {
    await deletePath(context, values.path);
  } else {
    throw new CommandFailure('A name or path must be provided. Please update and retry your request.');
  }
}

async function deleteOne({ api }: DeleteContext, name: string): Promise<void> {
  await api.call({ method: 'DELETE', path: '/api/v1/data', query: { name } });
}

async function deletePath(context: DeleteContext, path: string): Promise<void> {
  const { values, api, host } = context;
  const names = (await findCredentials(api, { path })).map(({ name }) => name);
  const failures: Value[] = [];
  let deleted = 0;
  const report = (all: string): string =>
    `${all}${deleted} out of ${names.length} credentials under the provided path are successfully deleted.\n`;
  // A pipe gets the original's line for each name; on a terminal a bar shows the same.
  const linePerName = !values.quiet && !host.outIsTerminal;
  const progress = progressOn(host, 'Deleting', names.length);
  for await (const outcome of inOrder(names, AT_ONCE, (name) => deleteOne(context, name))) {
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
  if (values.quiet || (host.outIsTerminal && names.length > 0)) host.out(report(failures.length === 0 ? 'All ' : ''));
  if (failures.length === 0) return;
  host.err(
    `${failures.length} out of ${names.length} credentials under the provided path failed to delete. The following credentials failed to delete:\n${printYaml(failures)}`,
  );
  throw new CommandFailure(
    'Some or all of the credential under the provided path could not be deleted. Please refer to the error output.',
  );
}
