import { listField, record } from '../lib/format/value.ts';
import { printValue } from '../lib/print.ts';
import { waitingOn } from '../lib/progress.ts';
import type { Context } from './command-definition.ts';
import type { BULK_REGENERATE_FLAGS } from './flags.ts';

export async function bulkRegenerate({ values, api, host }: Context<typeof BULK_REGENERATE_FLAGS>): Promise<void> {
  const body = record({ signed_by: values.signedBy ?? '' });
  const progress = waitingOn(host, `Regenerating what ${values.signedBy} signed`);
  const answer = await api
    .call({ method: 'POST', path: '/api/v1/bulk-regenerate', body })
    .finally(() => progress.end());
  printValue(
    host,
    record({ regenerated_credentials: listField(answer, 'regenerated_credentials') }),
    values.outputJson,
  );
}
