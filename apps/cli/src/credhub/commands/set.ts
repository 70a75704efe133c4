import { CREDENTIAL_TYPES, findType, quotedList } from '@credplex/core/credential-types';
import { string } from '@oclif/core/flags';
import { parseMetadata } from '../../lib/api/metadata.ts';
import { setCredential } from '../../lib/api/set-credential.ts';
import { CommandFailure } from '../../lib/failure.ts';
import { fileOrValue } from '../../lib/files/file-or-value.ts';
import { record, type Value } from '../../lib/format/json-tree.ts';
import { parseJson } from '../../lib/format/parse-json.ts';
import { printRedacted } from '../../lib/terminal/print.ts';
import { type Context, CredhubCommand } from '../command.ts';
import { metadata, outputJson } from '../common-flags.ts';
import { credentialName } from '../flag-types.ts';
import { type FlagField, flagsOf, namesOf, typeFlag, valueFieldsOf } from '../type-flags.ts';

export default class SetCommand extends CredhubCommand {
  static override readonly aliases = ['s'];
  static override readonly summary = 'Store a value';
  static override readonly description =
    'Stores a value of yours as a new version. Flags that start with a type in brackets are for that type; a value or password that is missing is asked for.';
  static override readonly examples = [
    "credhub set -n /deploy/port -t value -v '8443'",
    'credhub set -n /deploy/tls -t certificate -c cert.pem -p key.pem -m /deploy/ca',
  ];
  static override readonly flags = {
    name: credentialName(string({ char: 'n', summary: 'Name of the credential', required: true })),
    type: typeFlag(CREDENTIAL_TYPES),
    ...flagsOf(CREDENTIAL_TYPES, valueFieldsOf),
    'output-json': outputJson,
    metadata,
  };

  override async run(): Promise<void> {
    await setCommand(await this.open(SetCommand));
  }
}

type SetContext = Context<typeof SetCommand.flags>;

async function setCommand(context: SetContext): Promise<void> {
  const { flags, api, host } = context;
  const type = (flags.type ?? '').toLowerCase();
  if (type === '') {
    throw new CommandFailure(
      `A type must be specified when setting a credential. Valid types include ${quotedList(namesOf(CREDENTIAL_TYPES))}.`,
    );
  }
  const value = await valueFrom(context, type);
  const metadata = flags.metadata ? parseMetadata(flags.metadata) : undefined;
  printRedacted(
    host,
    await setCredential(api, { name: flags.name ?? '', type, value, metadata }),
    flags['output-json'],
  );
}

async function valueFrom(context: SetContext, name: string): Promise<Value> {
  const type = findType(name);
  // The server knows which types there are, and says so.
  if (type === undefined) return textOf(context, 'value');
  // The API document's own sample sets a value with --password.
  if (name === 'value' && !textOf(context, 'value') && textOf(context, 'password')) return textOf(context, 'password');
  const given: [string, Value | undefined][] = [];
  for (const field of valueFieldsOf(type)) given.push([field.field, await fieldFrom(context, field)]);
  if (type.value.type === 'object') return record(Object.fromEntries(given));
  const [[, value = ''] = []] = given;
  return type.value.type === 'any' ? parseJson(String(value)) : value;
}

function textOf({ flags }: SetContext, flagName: string): string {
  const given = (flags as Readonly<Record<string, unknown>>)[flagName];
  return typeof given === 'string' ? given : '';
}

async function fieldFrom(context: SetContext, { flagName, flag }: FlagField): Promise<Value | undefined> {
  const { host } = context;
  const given = textOf(context, flagName);
  if (flag.takes === 'file') return fileOrValue(host.cwd, given);
  if (flag.takes === 'credential') return given || undefined;
  if (given || flag.prompt === undefined) return given;
  const prompt = `${flagName}: `;
  if (flag.prompt === 'hidden') return host.input.hiddenLine(prompt, host.out);
  host.out(prompt);
  return (await host.input.line()).trim();
}
