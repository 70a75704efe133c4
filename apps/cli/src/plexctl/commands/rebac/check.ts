import { string } from '@oclif/core/flags';
import { CommandFailure } from '../../../lib/failure.ts';
import { textOf } from '../../../lib/format/document.ts';
import { callApi } from '../../api.ts';
import { decisionColumns } from '../../columns.ts';
import { PlexctlCommand } from '../../command.ts';
import { exitCodes } from '../../exit-codes.ts';
import { requireJsonObject } from '../../json-flag.ts';
import { printObject } from '../../output.ts';
import { printable } from '../../printable.ts';
import { openSession } from '../../session.ts';

export default class RebacCheck extends PlexctlCommand {
  static override readonly summary = 'Ask whether a subject has a relation to a resource.';
  static override readonly description = 'Ends with 0 when it is allowed and with 77 when it is denied.';
  static override readonly examples = [
    {
      description: 'May this user issue credentials of this cloud?',
      command: `<%= config.bin %> rebac check --subject user:019a9b5d-0c1d-7a2b-9f00-1234567890ab --relation manage --resource cloud:019a9b5e-8c1d-7a2b-9f00-1234567890ab`,
    },
  ];
  static override readonly flags = {
    subject: string({ required: true, helpValue: 'TYPE:ID', summary: 'Who.' }),
    relation: string({ required: true, helpValue: 'NAME', summary: 'Relation or permission.' }),
    resource: string({ required: true, helpValue: 'TYPE:ID', summary: 'On what.' }),
    'caveat-context': string({ helpValue: 'JSON', summary: 'Values for the caveats of a relation: an object.' }),
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(RebacCheck);
    const host = this.context;
    const context = flags['caveat-context'];
    const body = {
      subject: flags.subject,
      relation: flags.relation,
      resource: flags.resource,
      ...(context === undefined ? {} : { caveat_context: requireJsonObject('caveat-context', context) }),
    };
    const session = await openSession(flags, host);
    const answer = await callApi(session, host, (client) => client('POST /v1/authz/check', { body }));
    printObject(answer, decisionColumns, flags, host);
    if (textOf(answer, 'decision') !== 'allowed') {
      const reason = printable(textOf(answer, 'reason') ?? 'unknown');
      const correlation = printable(textOf(answer, 'correlation_id') ?? '-');
      throw new CommandFailure(`denied: ${reason} (correlation id ${correlation})`, { exitCode: exitCodes.denied });
    }
  }
}
