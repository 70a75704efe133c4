import { option, string } from '@oclif/core/flags';
import { callApi } from '../../api.ts';
import { tokenColumns } from '../../columns.ts';
import { PlexctlCommand } from '../../command.ts';
import { requireSeconds } from '../../duration.ts';
import { printOnce } from '../../output.ts';
import { openSession } from '../../session.ts';
import { requireUuid, usageFailure } from '../../usage.ts';

export default class IdentityTokensIssue extends PlexctlCommand {
  static override readonly summary = 'Make an API token for yourself; it is shown this once.';
  static override readonly examples = [
    {
      description: 'A token for a pipeline, for a day.',
      command:
        '<%= config.bin %> identity-tokens issue --identity-ref user:019a9b5d-0c1d-7a2b-9f00-1234567890ab --env-prefix prod --ttl 24h',
    },
  ];
  static override readonly flags = {
    'identity-ref': string({
      required: true,
      helpValue: 'user:UUID|service:UUID',
      summary: 'Whose token: the principal and the subject that whoami shows.',
    }),
    'env-prefix': option({ options: ['dev', 'prod', 'stage'] as const })({
      required: true,
      summary: 'What the token says it is for.',
    }),
    ttl: string({ helpValue: 'DURATION', summary: 'How long it works, such as 720h, which is what the server takes.' }),
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(IdentityTokensIssue);
    const host = this.context;
    const ttl = flags.ttl === undefined ? {} : { ttl_seconds: requireSeconds('ttl', flags.ttl) };
    const body = { identity_ref: requireIdentity(flags['identity-ref']), env_prefix: flags['env-prefix'], ...ttl };
    const session = await openSession(flags, host);
    const issued = await callApi(session, host, (client) => client('POST /v1/auth/tokens', { body }));
    printOnce(issued, tokenColumns, flags, host);
  }
}

function requireIdentity(text: string): string {
  const [, kind, id] = /^(user|service):(.*)$/s.exec(text) ?? [];
  if (kind === undefined || id === undefined) throw usageFailure('--identity-ref must be user:UUID or service:UUID.');
  return `${kind}:${requireUuid('The id in --identity-ref', id)}`;
}
