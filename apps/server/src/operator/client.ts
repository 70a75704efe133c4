/** `credplex client add|list|passwd|remove`: programs that log in by themselves, such as a BOSH director. */
import type { ClientRow, GrantType } from '@credplex/core';
import { isPlausibleName } from '../auth/issuer/client-authentication.ts';
import { revocationOf } from '../auth/issuer/revocations.ts';
import { PUBLIC_CLIENT } from '../auth/issuer/verifiers.ts';
import { CREDHUB_SCOPES } from '../start/first-operator.ts';
import { type Command, type CommandContext, CommandError, flag, options, word } from './command.ts';
import { printRows } from './table.ts';
import { SECRET_HELP, takeSecret } from './take-secret.ts';

const add: Command = {
  name: 'client add',
  summary: 'Makes a client for client_credentials; it is uaa-client:<ID> in CredHub permissions.',
  usage: 'ID [--scope SCOPE]… [--users] [--generate | --public]',
  positionals: ['ID'],
  options: {
    scope: { type: 'string', multiple: true },
    users: { type: 'boolean' },
    generate: { type: 'boolean' },
    public: { type: 'boolean' },
  },
  help: [
    `--scope SCOPE  scopes of its tokens, default ${CREDHUB_SCOPES.join(' and ')}; may be repeated`,
    '--users        lets users log in through it as well (password and refresh_token grants)',
    '--public       no secret, for users alone: what the credhub command line needs, as credhub_cli',
    ...SECRET_HELP,
  ],
  examples: [
    'credplex client add director_to_credhub --generate',
    'credplex client add concourse < secret.txt',
    'credplex client add credhub_cli --public',
  ],
  async run(context, words) {
    const id = word(words, 0);
    if (!isPlausibleName(id) || id.includes(':')) {
      throw new CommandError(
        'an id has 1 to 255 characters and no colon (it stands before the colon of a Basic header)',
      );
    }
    const isPublic = flag(words, 'public');
    if (isPublic && flag(words, 'generate')) throw new CommandError('--public and --generate cannot go together');
    const { accounts, clock } = await opened(context);
    if ((await accounts.clientById(id)) !== undefined) throw new CommandError(`there is a client ${id}`);
    const taken = isPublic
      ? { verifier: PUBLIC_CLIENT, show: () => undefined }
      : await takeSecret(context.terminal, 'secret', flag(words, 'generate'));
    const asked = options(words, 'scope');
    const scopes = asked.length > 0 ? asked : [...CREDHUB_SCOPES];
    const forUsers: GrantType[] = flag(words, 'users') || isPublic ? ['password', 'refresh_token'] : [];
    // Whoever knows no secret speaks for no client, only for a user whose password is known.
    const grantTypes: GrantType[] = isPublic ? forUsers : ['client_credentials', ...forUsers];
    const event = context.audit('client.add', `client:${id}`, { scopes, grant_types: grantTypes });
    const client = { id, verifier: taken.verifier, grantTypes, scopes, createdAt: clock.now() };
    if ((await accounts.createClient(client, event)) === 'exists') {
      throw new CommandError(`there is a client ${id}`);
    }
    context.terminal.err(
      isPublic
        ? `Client ${id} is made: users log in through it.`
        : `Client ${id} is made: uaa-client:${id}. It may do nothing yet: give it permissions.`,
    );
    taken.show();
  },
};

const list: Command = {
  name: 'client list',
  summary: 'Lists clients.',
  usage: '[--json]',
  positionals: [],
  options: { json: { type: 'boolean' } },
  help: ['--json  for programs'],
  examples: ['credplex client list'],
  async run(context, words) {
    const { accounts } = await opened(context);
    const rows = (await accounts.listClients()).map((client) => [
      client.id,
      client.verifier === PUBLIC_CLIENT ? 'public' : 'secret',
      client.grantTypes.join(' '),
      client.scopes.join(' '),
      client.createdAt,
    ]);
    const columns = ['id', 'authentication', 'grant_types', 'scopes', 'created_at'];
    printRows(context.terminal, columns, rows, flag(words, 'json'));
  },
};

const passwd: Command = {
  name: 'client passwd',
  summary: 'Sets a new secret and ends every token of the client.',
  usage: 'ID [--generate]',
  positionals: ['ID'],
  options: { generate: { type: 'boolean' } },
  help: SECRET_HELP,
  examples: ['credplex client passwd concourse --generate'],
  async run(context, words) {
    const { accounts, clock } = await opened(context);
    const { id, verifier } = await known(context, word(words, 0));
    // Programs that use it send no secret and could not be told of one.
    if (verifier === PUBLIC_CLIENT) throw new CommandError(`${id} is a public client: it has no secret`);
    const taken = await takeSecret(context.terminal, 'secret', flag(words, 'generate'));
    const event = context.audit('client.passwd', `client:${id}`);
    await accounts.setClientVerifier(id, taken.verifier, revocationOf('client', id, clock.now()), event);
    context.terminal.err(`The secret of ${id} is changed; tokens it had stop working within seconds.`);
    taken.show();
  },
};

const remove: Command = {
  name: 'client remove',
  summary: 'Removes a client and ends its tokens, also those of users who logged in through it.',
  usage: 'ID',
  positionals: ['ID'],
  options: {},
  help: [],
  examples: ['credplex client remove concourse'],
  async run(context, words) {
    const { accounts, clock } = await opened(context);
    const { id } = await known(context, word(words, 0));
    const event = context.audit('client.remove', `client:${id}`);
    await accounts.deleteClient(id, revocationOf('client', id, clock.now()), event);
    context.terminal.err(`Client ${id} is removed.`);
  },
};

async function known(context: CommandContext, id: string): Promise<ClientRow> {
  const { accounts } = await opened(context);
  const client = isPlausibleName(id) ? await accounts.clientById(id) : undefined;
  if (client === undefined) throw new CommandError(`there is no client ${JSON.stringify(id)}`);
  return client;
}

async function opened(context: CommandContext) {
  const runtime = await context.open();
  return { ...runtime, accounts: runtime.storage.accounts };
}

export const commands: readonly Command[] = [add, list, passwd, remove];
