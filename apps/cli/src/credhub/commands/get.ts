import { boolean, string } from '@oclif/core/flags';
import { type Credential, credentialsIn } from '../../lib/api/answers.ts';
import { CommandFailure } from '../../lib/failure.ts';
import { credentialForJson, credentialForYaml } from '../../lib/format/credential.ts';
import { type Document, fieldOf } from '../../lib/format/document.ts';
import { field, isList, record, type Value } from '../../lib/format/json-tree.ts';
import { printCredential, printPlain, printValue } from '../../lib/terminal/print.ts';
import { type Context, CredhubCommand } from '../command.ts';
import { outputJson } from '../common-flags.ts';
import { credentialName } from '../flag-types.ts';
import { integer } from '../go-flags.ts';

export default class Get extends CredhubCommand {
  static override readonly aliases = ['g'];
  static override readonly summary = 'Show a credential';
  static override readonly description =
    'Shows the newest version of a credential by name, one version by its ID, or several versions.';
  static override readonly examples = [
    'credhub get -n /deploy/password -q',
    'credhub get -n /deploy/config -k database.host',
  ];
  static override readonly flags = {
    name: credentialName(string({ char: 'n', summary: 'Name of the credential' })),
    id: string({ summary: 'ID of one version of a credential' }),
    versions: integer({ summary: 'Show this many versions, newest first' }),
    'output-json': outputJson,
    quiet: boolean({ char: 'q', summary: 'Print the value alone' }),
    key: string({ char: 'k', summary: 'Print one field of the value; a.b.0 reaches into nested values' }),
  };

  override async run(): Promise<void> {
    await get(await this.open(Get));
  }
}

type GetContext = Context<typeof Get.flags>;

async function get(context: GetContext): Promise<void> {
  const { flags } = context;
  if (flags.versions !== undefined && flags.versions !== 0n) return getVersions(context, flags.versions);
  const credential = await read(context);
  if (flags.key) return printField(context, credential, flags.key);
  if (flags['output-json'] && flags.quiet) {
    throw new CommandFailure('The --output-json flag and --quiet flag are incompatible.');
  }
  if (flags.quiet) printPlain(context.host, fieldOf(credential, 'value') ?? null, false);
  else printCredential(context.host, credential, flags['output-json']);
}

async function read({ flags, api }: GetContext): Promise<Document<Credential>> {
  if (flags.name) {
    const query = { current: true, name: flags.name };
    return credentialsIn(await api.call('GET /api/v1/data', { query }))[0] ?? null;
  }
  if (!flags.id) throw missingNameOrId();
  return api.call('GET /api/v1/data/{id}', { params: { id: flags.id } });
}

async function getVersions({ flags, api, host }: GetContext, count: bigint): Promise<void> {
  if (flags.id) throw new CommandFailure('The --versions flag and --id flag are incompatible.');
  if (flags.key) throw new CommandFailure('The --versions flag and --key flag are incompatible.');
  if (!flags.name) throw missingNameOrId();
  const query = { name: flags.name, versions: count };
  const found = credentialsIn(await api.call('GET /api/v1/data', { query }));
  const shown = found.map((version) => {
    if (flags.quiet) return fieldOf(version, 'value') ?? null;
    return flags['output-json'] ? credentialForJson(version) : credentialForYaml(version);
  });
  printValue(host, record({ versions: shown }), flags['output-json']);
}

/** Prints one field; nothing at all where it is absent (docs/reference/credhub-cli.md#get). */
function printField({ flags, host }: GetContext, credential: Document<Credential>, key: string): void {
  const found = nested(fieldOf(credential, 'value'), key);
  if (found !== undefined && found !== null) printPlain(host, found, flags['output-json']);
}

/** A field by its full name, else step by step: `a.b.0` is item 0 of field b of field a. */
function nested(value: Value | undefined, key: string): Value | undefined {
  const whole = step(value, key);
  if (whole !== undefined) return whole;
  for (let dot = key.indexOf('.'); dot >= 0; dot = key.indexOf('.', dot + 1)) {
    const inner = nested(step(value, key.slice(0, dot)), key.slice(dot + 1));
    if (inner !== undefined) return inner;
  }
  return undefined;
}

function step(value: Value | undefined, name: string): Value | undefined {
  if (isList(value)) return /^\d+$/.test(name) ? value[Number(name)] : undefined;
  return field(value, name);
}

function missingNameOrId(): CommandFailure {
  return new CommandFailure('A name or ID must be provided. Please update and retry your request.');
}
