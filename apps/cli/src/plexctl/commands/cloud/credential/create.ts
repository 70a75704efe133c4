import { string } from '@oclif/core/flags';
import { CommandFailure } from '../../../../lib/failure.ts';
import { callApi } from '../../../api.ts';
import { cloudCredentialColumns } from '../../../columns.ts';
import { PlexctlCommand } from '../../../command.ts';
import type { Host } from '../../../host.ts';
import { readBytes } from '../../../input.ts';
import { printObject } from '../../../output.ts';
import { openSession } from '../../../session.ts';
import { requireUuid, usageFailure } from '../../../usage.ts';

export default class CloudCredentialCreate extends PlexctlCommand {
  static override readonly summary = 'Issue a cloud credential: hand a secret to the broker.';
  static override readonly description =
    'Shows the metadata of the new credential. The secret goes in only: no command and no request gives it back. It is sent byte for byte as the file or stdin has it.';
  static override readonly examples = [
    {
      description: 'Issue from a file, with a value stored beside the secret.',
      command: `<%= config.bin %> cloud credential create --cloud-id 019a9b5e-8c1d-7a2b-9f00-1234567890ab --display-name "Acme AWS provisioner secret" --payload-file ./aws-provisioner.json --key-value role_arn=arn:aws:iam::123456789012:role/acme-provisioner`,
    },
    {
      description: 'Issue from stdin, so that the secret is in no file.',
      command: `<%= config.bin %> cloud credential create --cloud-id 019a9b5e-8c1d-7a2b-9f00-1234567890ab --display-name "Acme AWS provisioner secret" --payload-file - < secret`,
    },
  ];
  static override readonly flags = {
    'cloud-id': string({ required: true, helpValue: 'UUID', summary: 'The cloud that will own the credential.' }),
    'display-name': string({ required: true, helpValue: 'TEXT', summary: 'Name for people.' }),
    'payload-file': string({ required: true, helpValue: 'PATH', summary: 'File with the secret; - is stdin.' }),
    'key-value': string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'KEY=VALUE',
      summary: 'Value to store beside the secret. May be given several times.',
    }),
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(CloudCredentialCreate);
    const host = this.context;
    const cloud = requireUuid('--cloud-id', flags['cloud-id']);
    if (flags['token-file'] === '-' && flags['payload-file'] === '-') {
      throw usageFailure('Stdin holds either the token or the payload, not both.');
    }
    const keyValues = keyValuesOf(flags['key-value'] ?? []);
    const session = await openSession(flags, host);
    const payload = await payloadOf(flags['payload-file'], host);
    const body = {
      display_name: flags['display-name'],
      payload: payload.toString('base64'),
      ...(keyValues.size === 0 ? {} : { key_values: Object.fromEntries(keyValues) }),
    };
    const issued = await callApi(session, host, (client) =>
      client('POST /v1/clouds/{id}/cloud-credentials', { params: { id: cloud }, body }),
    );
    printObject(issued, cloudCredentialColumns, flags, host);
  }
}

// Far beyond the 8 KiB that the server takes, so that it is the server that refuses; but no disk image is read whole.
const maxPayloadBytes = 1_048_576;

async function payloadOf(path: string, host: Host): Promise<Buffer> {
  const limit = maxPayloadBytes;
  const payload = path === '-' ? await host.stdin(limit) : readBytes(host, path, { what: 'payload', limit });
  if (payload.length > limit) {
    // In the words, and with the exit code, of the server's own refusal.
    throw new CommandFailure(
      'request_body_too_large: The payload is larger than 1 MiB; a request may have at most 8 KiB. Keep a large secret elsewhere and issue a credential that references it.',
    );
  }
  return payload;
}

/** Split at the first `=`. A message never shows the text: it may be the secret. */
function keyValuesOf(texts: readonly string[]): ReadonlyMap<string, string> {
  const entries = new Map<string, string>();
  for (const text of texts) {
    const at = text.indexOf('=');
    if (at <= 0) throw usageFailure('Each --key-value must be KEY=VALUE.');
    const key = text.slice(0, at);
    if (entries.has(key)) throw usageFailure('Each key of --key-value may be given once only.');
    entries.set(key, text.slice(at + 1));
  }
  return entries;
}
