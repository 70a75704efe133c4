import { withChoices } from '@credplex/command-line';
import { MAX_TOKEN_TTL_SECONDS, mintToken, TOKEN_ENVIRONMENTS } from '@credplex/core';
import { string as argument } from '@oclif/core/args';
import { string } from '@oclif/core/flags';
import { OperatorCommand } from '../../command.ts';
import { UsageError } from '../../errors.ts';
import { OWNER_DESCRIPTION, parseOwner } from '../../token-owner.ts';

const DAY = 86_400;

export default class TokenIssue extends OperatorCommand {
  static override readonly summary = 'Issues an API token and prints it once, on stdout.';
  static override readonly examples = ['credplex token issue ada > token', 'credplex token issue ada --days 1'];
  static override readonly flags = {
    env: withChoices(
      string({ helpValue: 'ENV', summary: 'Environment in the prefix of the token; default prod.' }),
      TOKEN_ENVIRONMENTS,
    ),
    days: string({ helpValue: 'DAYS', summary: 'Lifetime in days, 1 to 365; default 30.' }),
  };
  static override readonly args = {
    owner: argument({ required: true, ignoreStdin: true, description: OWNER_DESCRIPTION }),
  };

  override async run(): Promise<void> {
    const { context, args, flags } = await this.open(TokenIssue);
    const env = flags.env ?? 'prod';
    const environment = TOKEN_ENVIRONMENTS.find((known) => known === env);
    if (environment === undefined) throw new UsageError(`--env is one of ${TOKEN_ENVIRONMENTS.join(', ')}`);
    const days = Number(flags.days ?? 30);
    if (!Number.isInteger(days) || days < 1 || days * DAY > MAX_TOKEN_TTL_SECONDS)
      throw new UsageError('--days is a whole number from 1 to 365');
    const runtime = await context.open();
    const owner = await parseOwner(runtime, args.owner);
    const { storage, clock, entropy } = runtime;
    const caller = { actor: 'operator', requestId: entropy.uuid() };
    const deps = { records: storage.plexsphere, clock, entropy };
    const { row, plaintext } = await mintToken(deps, caller, { owner, environment, ttlSeconds: days * DAY });
    context.terminal.err(
      `Token ${row.id} of ${owner} is valid until ${row.expiresAt.toISOString()}. It is shown once:`,
    );
    context.terminal.out(plaintext.reveal());
  }
}
