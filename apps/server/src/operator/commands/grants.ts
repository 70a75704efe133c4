import { formatObject, formatSubject } from '@credplex/core';
import { boolean, string } from '@oclif/core/flags';
import { OperatorCommand } from '../command.ts';
import { parseResource, parseSubjectName, RELATION_HELP } from '../relation-arguments.ts';
import { printRows } from '../table.ts';

export default class Grants extends OperatorCommand {
  static override readonly summary = 'Lists relations, all of them or those of one subject or resource.';
  static override readonly description = RELATION_HELP;
  static override readonly examples = [
    'credplex grants',
    'credplex grants --subject ada',
    'credplex grants --resource platform',
  ];
  static override readonly flags = {
    subject: string({ helpValue: 'SUBJECT', summary: 'Only relations of this subject.' }),
    resource: string({ helpValue: 'RESOURCE', summary: 'A name, or a folder as /team/*.' }),
    json: boolean({ summary: 'Print JSON, for programs.' }),
  };

  override async run(): Promise<void> {
    const { context, flags } = await this.open(Grants);
    const { storage } = await context.open();
    const [subject, resource] = [flags.subject, flags.resource];
    const tuples = await storage.plexsphere.listTuples({
      ...(subject === undefined ? {} : { subject: await parseSubjectName(storage.accounts, subject) }),
      ...(resource === undefined ? {} : { resource: parseResource(resource) }),
    });
    const rows = tuples.map((tuple) => [
      formatSubject(tuple.subject),
      tuple.relation,
      formatObject(tuple.resource),
      tuple.createdAt,
    ]);
    printRows(context.terminal, ['subject', 'relation', 'resource', 'created_at'], rows, flags.json);
  }
}
