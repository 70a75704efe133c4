import { string as argument } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { OperatorCommand } from '../../command.ts';
import { printRows } from '../../table.ts';
import { OWNER_DESCRIPTION, parseOwner } from '../../token-owner.ts';

export default class TokenList extends OperatorCommand {
  static override readonly summary = "Lists an owner's API tokens, without their secrets.";
  static override readonly examples = ['credplex token list ada'];
  static override readonly flags = {
    json: boolean({ summary: 'Print JSON, for programs.' }),
  };
  static override readonly args = {
    owner: argument({ required: true, ignoreStdin: true, description: OWNER_DESCRIPTION }),
  };

  override async run(): Promise<void> {
    const { context, args, flags } = await this.open(TokenList);
    const runtime = await context.open();
    const owner = await parseOwner(runtime, args.owner);
    const tokens = await runtime.storage.plexsphere.listTokens({ owner, now: runtime.clock.now() });
    const rows = tokens.map((token) => [
      token.id,
      token.envPrefix,
      token.createdAt,
      token.expiresAt,
      token.lastUsedAt,
      token.rotatedAt,
    ]);
    const columns = ['id', 'env_prefix', 'created_at', 'expires_at', 'last_used_at', 'rotated_at'];
    printRows(context.terminal, columns, rows, flags.json);
  }
}
