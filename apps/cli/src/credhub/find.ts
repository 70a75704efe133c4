import { CommandFailure } from '../lib/failure.ts';
import { findCredentials } from '../lib/find-credentials.ts';
import { listField, record, textField } from '../lib/format/value.ts';
import { printValue } from '../lib/print.ts';
import type { Context } from './command-definition.ts';
import type { FIND_FLAGS } from './flags.ts';

export async function find({ values, api, host }: Context<typeof FIND_FLAGS>): Promise<void> {
  if (values.allPaths) {
    const answer = await api.call({ method: 'GET', path: '/api/v1/data', query: { paths: 'true' } });
    const paths = listField(answer, 'paths').map((item) => record({ path: textField(item, 'path') ?? '' }));
    return printValue(host, record({ paths }), values.outputJson);
  }
  const found = await findCredentials(
    api,
    values.nameLike ? { 'name-like': values.nameLike } : { path: values.path ?? '' },
  );
  if (values.nameLike && found.length === 0) {
    throw new CommandFailure('No credentials exist which match the provided parameters.');
  }
  const credentials = found.map(({ name, versionCreatedAt }) => record({ name, version_created_at: versionCreatedAt }));
  printValue(host, record({ credentials }), values.outputJson);
}
