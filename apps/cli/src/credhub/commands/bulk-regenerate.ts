import { string } from '@oclif/core/flags';
import { listOf } from '../../lib/format/document.ts';
import { record } from '../../lib/format/json-tree.ts';
import { printValue } from '../../lib/terminal/print.ts';
import { waitingOn } from '../../lib/terminal/progress.ts';
import { type Context, CredhubCommand } from '../command.ts';
import { outputJson } from '../common-flags.ts';
import { credentialName } from '../flag-types.ts';

export default class BulkRegenerate extends CredhubCommand {
  static override readonly summary = 'Regenerate every certificate that a CA signed';
  static override readonly description =
    'Regenerates all certificates signed by the CA, and where one of them is a CA itself, those below it.';
  static override readonly examples = ['credhub bulk-regenerate --signed-by /deploy/ca'];
  static override readonly flags = {
    'signed-by': credentialName(
      string({ summary: 'Name of the CA whose certificates are regenerated', required: true }),
    ),
    'output-json': outputJson,
  };

  override async run(): Promise<void> {
    await bulkRegenerate(await this.open(BulkRegenerate));
  }
}

async function bulkRegenerate({ flags, api, host }: Context<typeof BulkRegenerate.flags>): Promise<void> {
  const body = { signed_by: flags['signed-by'] ?? '' };
  const progress = waitingOn(host, `Regenerating what ${flags['signed-by']} signed`);
  const answer = await api.call('POST /api/v1/bulk-regenerate', { body }).finally(() => progress.end());
  printValue(
    host,
    record({ regenerated_credentials: listOf(answer, 'regenerated_credentials') }),
    flags['output-json'],
  );
}
