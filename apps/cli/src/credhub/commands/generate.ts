import { type CredentialType, GENERATED_TYPES, quotedList } from '@credplex/core/credential-types';
import { boolean, string } from '@oclif/core/flags';
import { parseMetadata } from '../../lib/api/metadata.ts';
import { knownServer, requireMetadata } from '../../lib/api/server-version.ts';
import { CommandFailure } from '../../lib/failure.ts';
import type { Value } from '../../lib/format/json-tree.ts';
import { printRedacted } from '../../lib/terminal/print.ts';
import { type Context, CredhubCommand } from '../command.ts';
import { metadata, outputJson } from '../common-flags.ts';
import { credentialName } from '../flag-types.ts';
import { flagsOf, namesOf, parameterFieldsOf, parameterOf, typeFlag } from '../type-flags.ts';

export default class Generate extends CredhubCommand {
  static override readonly aliases = ['n'];
  static override readonly summary = 'Have the server generate a credential';
  static override readonly description =
    'Generates a value on the server and stores it. Flags that start with a type in brackets are for that type; what is not given is left to the server.';
  static override readonly examples = [
    'credhub generate -n /deploy/password -t password -l 40',
    'credhub generate -n /deploy/tls -t certificate -c app.example.com --ca /deploy/ca -a app.example.com',
  ];
  static override readonly flags = {
    name: credentialName(string({ char: 'n', summary: 'Name of the credential', required: true })),
    type: typeFlag(GENERATED_TYPES),
    'no-overwrite': boolean({ char: 'O', summary: 'Keep the value that exists already' }),
    'output-json': outputJson,
    username: string({ char: 'z', summary: '[User] User name, instead of a generated one' }),
    ...flagsOf(GENERATED_TYPES, parameterFieldsOf),
    metadata,
  };

  override async run(): Promise<void> {
    await generate(await this.open(Generate));
  }
}

async function generate({ flags, api, host }: Context<typeof Generate.flags>): Promise<void> {
  const type = (flags.type ?? '').toLowerCase();
  if (type === '') {
    throw new CommandFailure(
      `A type must be specified when generating a credential. Valid types include ${quotedList(namesOf(GENERATED_TYPES))}.`,
    );
  }
  if (flags.username && type !== 'user') {
    throw new CommandFailure('Username parameter is not valid for this credential type.');
  }
  const metadata = flags.metadata ? parseMetadata(flags.metadata) : undefined;
  const server = await knownServer(api);
  if (metadata !== undefined) await requireMetadata(api, server);
  // A user name is no parameter but part of the value; with it only the password can have parameters.
  const having = flags.username ? GENERATED_TYPES.filter(({ name }) => name === 'user') : GENERATED_TYPES;
  const body = {
    name: flags.name ?? '',
    type,
    ...(flags.username ? { value: { username: flags.username } } : {}),
    parameters: parametersOf(having, flags),
    overwrite: !flags['no-overwrite'],
    metadata,
  };
  printRedacted(host, await api.call('POST /api/v1/data', { body }), flags['output-json']);
}

/** The parameters that the flags give. Which of them a type takes is decided by the server. */
function parametersOf(
  types: readonly CredentialType[],
  flags: Readonly<Record<string, unknown>>,
): Record<string, Value | undefined> {
  const fields = types.flatMap(parameterFieldsOf);
  return Object.fromEntries(fields.map(({ field, flagName }) => [field, parameterOf(flags[flagName])]));
}
