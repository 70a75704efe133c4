import { uuidV7 } from '@credplex/core';
import { string as argument } from '@oclif/core/args';
import { boolean, string } from '@oclif/core/flags';
import { isPlausibleName } from '../../../auth/issuer/client-authentication.ts';
import { CREDHUB_SCOPES } from '../../../start/first-operator.ts';
import { openAccounts } from '../../accounts.ts';
import { OperatorCommand } from '../../command.ts';
import { CommandError } from '../../errors.ts';
import { GENERATE_SUMMARY, readNewSecret, SECRET_DESCRIPTION } from '../../new-secret.ts';

export default class UserAdd extends OperatorCommand {
  static override readonly summary =
    'Creates a user. Its id is uaa-user:<id> in CredHub permissions and user:<id> in Plexsphere.';
  static override readonly description = SECRET_DESCRIPTION;
  static override readonly examples = [
    'credplex user add ada',
    'credplex user add ada --generate',
    'pass show ada | credplex user add ada',
  ];
  static override readonly flags = {
    scope: string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'SCOPE',
      summary: `Scopes of its tokens; default ${CREDHUB_SCOPES.join(' and ')}. May be repeated.`,
    }),
    generate: boolean({ summary: GENERATE_SUMMARY }),
  };
  static override readonly args = {
    name: argument({ required: true, ignoreStdin: true }),
  };

  override async run(): Promise<void> {
    const { context, args, flags } = await this.open(UserAdd);
    const name = args.name;
    if (!isPlausibleName(name)) throw new CommandError('a name has 1 to 255 characters');
    const { accounts, clock, entropy } = await openAccounts(context);
    if ((await accounts.userByName(name)) !== undefined) throw new CommandError(`there is a user ${name}`);
    const newSecret = await readNewSecret(context.terminal, 'password', flags.generate);
    const id = uuidV7(clock, entropy);
    const requested = flags.scope ?? [];
    const scopes = requested.length > 0 ? requested : [...CREDHUB_SCOPES];
    const user = { id, name, verifier: newSecret.verifier, scopes, createdAt: clock.now() };
    const event = context.audit('user.add', `user:${id}`, { name, scopes });
    if ((await accounts.createUser(user, event)) === 'exists') throw new CommandError(`there is a user ${name}`);
    context.terminal.err(`User ${name} created: uaa-user:${id}, user:${id}.`);
    newSecret.show();
  }
}
