import { offering } from '@credplex/command-line';
import { boolean, string } from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';
import { CommandFailure } from '../../lib/failure.ts';
import { number, record, type Value } from '../../lib/format/value.ts';
import { parseMetadata } from '../../lib/metadata.ts';
import { printRedacted } from '../../lib/print.ts';
import { knownServer, requireMetadata } from '../../lib/server-version.ts';
import { type Context, CredhubCommand } from '../command.ts';
import { metadata, outputJson } from '../common-flags.ts';
import { credentialName } from '../flag-types.ts';
import { integer } from '../go-flags.ts';

const KEY_TYPES = ['rsa', 'ecdsa-p256', 'ecdsa-p384', 'ed25519'];
const KEY_USAGES = [
  'digital_signature',
  'non_repudiation',
  'key_encipherment',
  'data_encipherment',
  'key_agreement',
  'key_cert_sign',
  'crl_sign',
  'encipher_only',
  'decipher_only',
];
const EXTENDED_KEY_USAGES = ['client_auth', 'server_auth', 'code_signing', 'email_protection', 'timestamping'];

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
    type: offering(string({ char: 't', summary: "Type: 'password', 'user', 'certificate', 'ssh' or 'rsa'" }), [
      'password',
      'user',
      'certificate',
      'ssh',
      'rsa',
    ]),
    'no-overwrite': boolean({ char: 'O', summary: 'Keep the value that exists already' }),
    'output-json': outputJson,
    username: string({ char: 'z', summary: '[User] User name, instead of a generated one' }),
    length: integer({ char: 'l', summary: '[Password, User] Number of characters (the server takes 30)' }),
    'include-special': boolean({ char: 'S', summary: '[Password, User] Use special characters too' }),
    'exclude-number': boolean({ char: 'N', summary: '[Password, User] Use no digits' }),
    'exclude-upper': boolean({ char: 'U', summary: '[Password, User] Use no upper-case letters' }),
    'exclude-lower': boolean({ char: 'L', summary: '[Password, User] Use no lower-case letters' }),
    'ssh-comment': string({ char: 'm', summary: '[SSH] Comment at the end of the public key' }),
    'key-length': integer({ char: 'k', summary: '[Certificate, SSH, RSA] Bits of the key (the server takes 2048)' }),
    'key-type': offering(
      string({ summary: "[Certificate, SSH] Key: 'rsa' (the default), 'ecdsa-p256', 'ecdsa-p384' or 'ed25519'" }),
      KEY_TYPES,
    ),
    duration: integer({ char: 'd', summary: '[Certificate] Days until it expires (the server takes 365)' }),
    'common-name': string({ char: 'c', summary: '[Certificate] Common name' }),
    organization: string({ char: 'o', summary: '[Certificate] Organization' }),
    'organization-unit': string({ char: 'u', summary: '[Certificate] Organization unit' }),
    locality: string({ char: 'i', summary: '[Certificate] Locality or city' }),
    state: string({ char: 's', summary: '[Certificate] State or province' }),
    country: string({ char: 'y', summary: '[Certificate] Country' }),
    'alternative-name': string({
      char: 'a',
      multiple: true,
      summary: '[Certificate] DNS name or address; may be given several times',
    }),
    'key-usage': offering(
      string({
        char: 'g',
        multiple: true,
        summary: '[Certificate] Key usage, such as key_encipherment; may be given several times',
      }),
      KEY_USAGES,
    ),
    'ext-key-usage': offering(
      string({ char: 'e', multiple: true, summary: '[Certificate] Extended key usage; may be given several times' }),
      EXTENDED_KEY_USAGES,
    ),
    ca: credentialName(string({ summary: '[Certificate] Name of the stored CA that signs' })),
    'is-ca': boolean({ summary: '[Certificate] Make a certificate authority' }),
    'self-sign': boolean({ summary: '[Certificate] Sign with its own key' }),
    metadata,
  };

  override async run(): Promise<void> {
    await generate(await this.open(Generate));
  }
}

type Values = InferredFlags<typeof Generate.flags>;

async function generate({ flags, api, host }: Context<typeof Generate.flags>): Promise<void> {
  const type = (flags.type ?? '').toLowerCase();
  if (type === '') {
    throw new CommandFailure(
      "A type must be specified when generating a credential. Valid types include 'password', 'user', 'certificate', 'ssh' and 'rsa'.",
    );
  }
  if (flags.username && type !== 'user') {
    throw new CommandFailure('Username parameter is not valid for this credential type.');
  }
  const metadata = flags.metadata ? parseMetadata(flags.metadata) : undefined;
  const server = await knownServer(api);
  if (metadata !== undefined) await requireMetadata(api, server);
  const password = passwordParameters(flags);
  const body = record({
    name: flags.name ?? '',
    type,
    // A user name is no parameter but part of the value; with it only the password can have parameters.
    value: flags.username ? record({ username: flags.username }) : undefined,
    parameters: record(flags.username ? password : { ...password, ...otherParameters(flags) }),
    overwrite: !flags['no-overwrite'],
    metadata,
  });
  printRedacted(host, await api.call({ method: 'POST', path: '/api/v1/data', body }), flags['output-json']);
}

type Parameters = Record<string, Value | undefined>;

// What is not given is not sent, and neither is what is given as nothing: zero, empty, off.
const on = (value: boolean): Value | undefined => value || undefined;
const some = (value: string | undefined): Value | undefined => value || undefined;
const count = (value: bigint | undefined): Value | undefined => (value ? number(value) : undefined);
const list = (value: readonly string[] | undefined): Value | undefined => (value?.length ? value : undefined);

function passwordParameters(flags: Values): Parameters {
  return {
    include_special: on(flags['include-special']),
    exclude_number: on(flags['exclude-number']),
    exclude_upper: on(flags['exclude-upper']),
    exclude_lower: on(flags['exclude-lower']),
    length: count(flags.length),
  };
}

function otherParameters(flags: Values): Parameters {
  return {
    common_name: some(flags['common-name']),
    organization: some(flags.organization),
    organization_unit: some(flags['organization-unit']),
    locality: some(flags.locality),
    state: some(flags.state),
    country: some(flags.country),
    alternative_names: list(flags['alternative-name']),
    extended_key_usage: list(flags['ext-key-usage']),
    key_usage: list(flags['key-usage']),
    key_type: some(flags['key-type']),
    key_length: count(flags['key-length']),
    duration: count(flags.duration),
    ca: some(flags.ca),
    self_sign: on(flags['self-sign']),
    is_ca: on(flags['is-ca']),
    ssh_comment: some(flags['ssh-comment']),
  };
}
