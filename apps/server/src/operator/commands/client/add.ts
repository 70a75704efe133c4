import type { GrantType } from '@credplex/core';
import { string as argument } from '@oclif/core/args';
import { boolean, string } from '@oclif/core/flags';
import { isPlausibleName } from '../../../auth/issuer/client-authentication.ts';
import { PUBLIC_CLIENT } from '../../../auth/issuer/verifiers.ts';
import { CREDHUB_SCOPES } from '../../../start/first-operator.ts';
import { openAccounts } from '../../accounts.ts';
import { OperatorCommand } from '../../command.ts';
import { CommandError } from '../../errors.ts';
import { GENERATE_SUMMARY, readNewSecret, SECRET_DESCRIPTION } from '../../new-secret.ts';

export default class ClientAdd extends OperatorCommand {
  static override readonly summary =
    'Creates a client for client_credentials; it is uaa-client:<ID> in CredHub permissions.';
  static override readonly description = SECRET_DESCRIPTION;
  static override readonly examples = [
    'credplex client add director_to_credhub --generate',
    'credplex client add concourse < secret.txt',
    'credplex client add credhub_cli --public',
  ];
  static override readonly flags = {
    scope: string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'SCOPE',
      summary: `Scopes of its tokens; default ${CREDHUB_SCOPES.join(' and ')}. May be repeated.`,
    }),
    users: boolean({ summary: 'Let users log in through it as well (password and refresh_token grants).' }),
    generate: boolean({ summary: GENERATE_SUMMARY }),
    public: boolean({ summary: 'No secret, for users alone: what the credhub command line needs, as credhub_cli.' }),
  };
  static override readonly args = {
    id: argument({ required: true, ignoreStdin: true }),
  };

  override async run(): Promise<void> {
    const { context, args, flags } = await this.open(ClientAdd);
    const id = args.id;
    if (!isPlausibleName(id) || id.includes(':')) {
      throw new CommandError(
        'an id has 1 to 255 characters and no colon (a Basic header separates id and secret by a colon)',
      );
    }
    const isPublic = flags.public;
    if (isPublic && flags.generate) throw new CommandError('--public and --generate cannot go together');
    const { accounts, clock } = await openAccounts(context);
    if ((await accounts.clientById(id)) !== undefined) throw new CommandError(`there is a client ${id}`);
    const newSecret = isPublic
      ? { verifier: PUBLIC_CLIENT, show: () => undefined }
      : await readNewSecret(context.terminal, 'secret', flags.generate);
    const requested = flags.scope ?? [];
    const scopes = requested.length > 0 ? requested : [...CREDHUB_SCOPES];
    const forUsers: GrantType[] = flags.users || isPublic ? ['password', 'refresh_token'] : [];
    // A client without a secret cannot authenticate itself, only its users.
    const grantTypes: GrantType[] = isPublic ? forUsers : ['client_credentials', ...forUsers];
    const event = context.audit('client.add', `client:${id}`, { scopes, grant_types: grantTypes });
    const client = { id, verifier: newSecret.verifier, grantTypes, scopes, createdAt: clock.now() };
    if ((await accounts.createClient(client, event)) === 'exists') {
      throw new CommandError(`there is a client ${id}`);
    }
    context.terminal.err(
      isPublic
        ? `Client ${id} created: users log in through it.`
        : `Client ${id} created: uaa-client:${id}. It has no permissions yet.`,
    );
    newSecret.show();
  }
}
