import { string as argument } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { revocationOf } from '../../../auth/issuer/revocations.ts';
import { openAccounts, requireUser } from '../../accounts.ts';
import { OperatorCommand } from '../../command.ts';
import { GENERATE_SUMMARY, readNewSecret, SECRET_DESCRIPTION } from '../../new-secret.ts';

export default class UserPasswd extends OperatorCommand {
  static override readonly summary = 'Sets a new password and ends every CredHub session of the user.';
  static override readonly description = SECRET_DESCRIPTION;
  static override readonly examples = ['credplex user passwd ada', 'credplex user passwd ada --generate'];
  static override readonly flags = {
    generate: boolean({ summary: GENERATE_SUMMARY }),
  };
  static override readonly args = {
    name: argument({ required: true, ignoreStdin: true }),
  };

  override async run(): Promise<void> {
    const { context, args, flags } = await this.open(UserPasswd);
    const { accounts, clock } = await openAccounts(context);
    const user = await requireUser(context, args.name);
    const newSecret = await readNewSecret(context.terminal, 'password', flags.generate);
    const event = context.audit('user.passwd', `user:${user.id}`, { name: user.name });
    const revocation = revocationOf('user', user.id, clock.now());
    await accounts.setUserVerifier(user.id, newSecret.verifier, revocation, event);
    context.terminal.err(`The password of ${user.name} is changed; tokens it had stop working within seconds.`);
    newSecret.show();
  }
}
