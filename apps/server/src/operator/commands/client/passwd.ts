import { string as argument } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { revocationOf } from '../../../auth/issuer/revocations.ts';
import { PUBLIC_CLIENT } from '../../../auth/issuer/verifiers.ts';
import { openAccounts, requireClient } from '../../accounts.ts';
import { OperatorCommand } from '../../command.ts';
import { CommandError } from '../../errors.ts';
import { GENERATE_SUMMARY, readNewSecret, SECRET_DESCRIPTION } from '../../new-secret.ts';

export default class ClientPasswd extends OperatorCommand {
  static override readonly summary = 'Sets a new secret and ends every token of the client.';
  static override readonly description = SECRET_DESCRIPTION;
  static override readonly examples = ['credplex client passwd concourse --generate'];
  static override readonly flags = {
    generate: boolean({ summary: GENERATE_SUMMARY }),
  };
  static override readonly args = {
    id: argument({ required: true, ignoreStdin: true }),
  };

  override async run(): Promise<void> {
    const { context, args, flags } = await this.open(ClientPasswd);
    const { accounts, clock } = await openAccounts(context);
    const { id, verifier } = await requireClient(context, args.id);
    // Programs that use a public client have no way to send a secret.
    if (verifier === PUBLIC_CLIENT) throw new CommandError(`${id} is a public client: it has no secret`);
    const newSecret = await readNewSecret(context.terminal, 'secret', flags.generate);
    const event = context.audit('client.passwd', `client:${id}`);
    await accounts.setClientVerifier(id, newSecret.verifier, revocationOf('client', id, clock.now()), event);
    context.terminal.err(`The secret of ${id} is changed; tokens it had stop working within seconds.`);
    newSecret.show();
  }
}
