import { offering } from '@credplex/command-line';
import { string } from '@oclif/core/flags';
import { CommandFailure } from '../../lib/failure.ts';
import { fileOrValue } from '../../lib/file-or-value.ts';
import { parseJson, record, type Value } from '../../lib/format/value.ts';
import { parseMetadata } from '../../lib/metadata.ts';
import { printRedacted } from '../../lib/print.ts';
import { setCredential } from '../../lib/set-credential.ts';
import { type Context, CredhubCommand } from '../command.ts';
import { metadata, outputJson } from '../common-flags.ts';
import { credentialName } from '../flag-types.ts';

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
    type: offering(
      string({ char: 't', summary: "Type: 'value', 'json', 'password', 'user', 'certificate', 'ssh' or 'rsa'" }),
      ['value', 'json', 'password', 'user', 'certificate', 'ssh', 'rsa'],
    ),
    value: string({ char: 'v', summary: '[Value, JSON] The value' }),
    'ca-name': credentialName(
      string({ char: 'm', summary: '[Certificate] Name of the stored CA that signed the certificate' }),
    ),
    root: string({ char: 'r', summary: '[Certificate] CA certificate, as file or text' }),
    certificate: string({ char: 'c', summary: '[Certificate] Certificate, as file or text' }),
    private: string({ char: 'p', summary: '[Certificate, SSH, RSA] Private key, as file or text' }),
    public: string({ char: 'u', summary: '[SSH, RSA] Public key, as file or text' }),
    username: string({ char: 'z', summary: '[User] User name' }),
    password: string({ char: 'w', summary: '[Password, User] Password; stands in for --value when the type is value' }),
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
      "A type must be specified when setting a credential. Valid types include 'value', 'json', 'password', 'user', 'certificate', 'ssh' and 'rsa'.",
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

async function valueFrom(context: SetContext, type: string): Promise<Value> {
  const { flags, host } = context;
  const file = (given: string | undefined): string => fileOrValue(host.cwd, given ?? '');
  switch (type) {
    case 'json':
      return parseJson(await askedValue(context));
    case 'value':
      // The API document's own sample sets a value with --password.
      return flags.value || !flags.password ? askedValue(context) : flags.password;
    case 'password':
      return askedPassword(context);
    case 'user':
      return record({ username: flags.username ?? '', password: await askedPassword(context) });
    case 'certificate':
      return record({
        ca: file(flags.root),
        ca_name: flags['ca-name'] || undefined,
        certificate: file(flags.certificate),
        private_key: file(flags.private),
      });
    case 'ssh':
    case 'rsa':
      return record({ public_key: file(flags.public), private_key: file(flags.private) });
    default:
      // The server knows which types there are, and says so.
      return flags.value ?? '';
  }
}

async function askedValue({ flags, host }: SetContext): Promise<string> {
  if (flags.value) return flags.value;
  host.out('value: ');
  return (await host.input.line()).trim();
}

async function askedPassword({ flags, host }: SetContext): Promise<string> {
  if (flags.password) return flags.password;
  return host.input.hiddenLine('password: ', host.out);
}
