/** `credplex user add|list|passwd|remove`: accounts of people, for CredHub and for Plexsphere. */
import { uuidV7 } from '@credplex/core';
import { isPlausibleName } from '../auth/issuer/client-authentication.ts';
import { revocationOf } from '../auth/issuer/revocations.ts';
import { CREDHUB_SCOPES } from '../start/first-operator.ts';
import { type Command, type CommandContext, CommandError, flag, options, word } from './command.ts';
import { printRows } from './table.ts';
import { SECRET_HELP, takeSecret } from './take-secret.ts';

const add: Command = {
  name: 'user add',
  summary: 'Makes a user. Its id is uaa-user:<id> in CredHub permissions and user:<id> in Plexsphere.',
  usage: 'NAME [--scope SCOPE]… [--generate]',
  positionals: ['NAME'],
  options: { scope: { type: 'string', multiple: true }, generate: { type: 'boolean' } },
  help: [
    `--scope SCOPE  scopes of its tokens, default ${CREDHUB_SCOPES.join(' and ')}; may be repeated`,
    ...SECRET_HELP,
  ],
  examples: ['credplex user add ada', 'credplex user add ada --generate', 'pass show ada | credplex user add ada'],
  async run(context, words) {
    const name = word(words, 0);
    if (!isPlausibleName(name)) throw new CommandError('a name has 1 to 255 characters');
    const { accounts, clock, entropy } = await opened(context);
    if ((await accounts.userByName(name)) !== undefined) throw new CommandError(`there is a user ${name}`);
    const taken = await takeSecret(context.terminal, 'password', flag(words, 'generate'));
    const id = uuidV7(clock, entropy);
    const asked = options(words, 'scope');
    const scopes = asked.length > 0 ? asked : [...CREDHUB_SCOPES];
    const user = { id, name, verifier: taken.verifier, scopes, createdAt: clock.now() };
    const event = context.audit('user.add', `user:${id}`, { name, scopes });
    if ((await accounts.createUser(user, event)) === 'exists') throw new CommandError(`there is a user ${name}`);
    context.terminal.err(`User ${name} is made: uaa-user:${id}, user:${id}.`);
    taken.show();
  },
};

const list: Command = {
  name: 'user list',
  summary: 'Lists users.',
  usage: '[--json]',
  positionals: [],
  options: { json: { type: 'boolean' } },
  help: ['--json  for programs'],
  examples: ['credplex user list'],
  async run(context, words) {
    const { accounts } = await opened(context);
    const rows = (await accounts.listUsers()).map((user) => [
      user.name,
      user.id,
      user.scopes.join(' '),
      user.createdAt,
    ]);
    printRows(context.terminal, ['name', 'id', 'scopes', 'created_at'], rows, flag(words, 'json'));
  },
};

const passwd: Command = {
  name: 'user passwd',
  summary: 'Sets a new password and ends every CredHub session of the user.',
  usage: 'NAME [--generate]',
  positionals: ['NAME'],
  options: { generate: { type: 'boolean' } },
  help: SECRET_HELP,
  examples: ['credplex user passwd ada', 'credplex user passwd ada --generate'],
  async run(context, words) {
    const { accounts, clock } = await opened(context);
    const user = await known(context, word(words, 0));
    const taken = await takeSecret(context.terminal, 'password', flag(words, 'generate'));
    const event = context.audit('user.passwd', `user:${user.id}`, { name: user.name });
    const ended = revocationOf('user', user.id, clock.now());
    await accounts.setUserVerifier(user.id, taken.verifier, ended, event);
    context.terminal.err(`The password of ${user.name} is changed; tokens it had stop working within seconds.`);
    taken.show();
  },
};

const remove: Command = {
  name: 'user remove',
  summary: 'Removes a user, its sessions and its Plexsphere tokens. Permissions for its id stay and mean nobody.',
  usage: 'NAME',
  positionals: ['NAME'],
  options: {},
  help: [],
  examples: ['credplex user remove ada'],
  async run(context, words) {
    const { accounts, clock, storage } = await opened(context);
    const user = await known(context, word(words, 0));
    const event = context.audit('user.remove', `user:${user.id}`, { name: user.name });
    await accounts.deleteUser(user.id, revocationOf('user', user.id, clock.now()), event);
    await storage.plexsphere.deleteTokensOf(`user:${user.id}`);
    context.terminal.err(`User ${user.name} is removed.`);
  },
};

async function known(context: CommandContext, name: string) {
  const { accounts } = await opened(context);
  const user = isPlausibleName(name) ? await accounts.userByName(name) : undefined;
  if (user === undefined) throw new CommandError(`there is no user ${JSON.stringify(name)}`);
  return user;
}

async function opened(context: CommandContext) {
  const runtime = await context.open();
  return { ...runtime, accounts: runtime.storage.accounts };
}

export const commands: readonly Command[] = [add, list, passwd, remove];
