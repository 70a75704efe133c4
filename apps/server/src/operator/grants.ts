/** `credplex grants`: the relation graph, as it stands. */
import { formatObject, formatSubject } from '@credplex/core';
import { type Command, flag, option } from './command.ts';
import { objectOf, RELATION_HELP, subjectOf } from './relation-words.ts';
import { printRows } from './table.ts';

const grants: Command = {
  name: 'grants',
  summary: 'Lists relations, all of them or those of one subject or resource.',
  usage: '[--subject SUBJECT] [--resource RESOURCE] [--json]',
  positionals: [],
  options: { subject: { type: 'string' }, resource: { type: 'string' }, json: { type: 'boolean' } },
  help: ['--json  for programs', ...RELATION_HELP],
  examples: ['credplex grants', 'credplex grants --subject ada', 'credplex grants --resource platform'],
  async run(context, words) {
    const { storage } = await context.open();
    const [subject, resource] = [option(words, 'subject'), option(words, 'resource')];
    const tuples = await storage.plexsphere.listTuples({
      ...(subject === undefined ? {} : { subject: await subjectOf(storage.accounts, subject) }),
      ...(resource === undefined ? {} : { resource: objectOf(resource) }),
    });
    const rows = tuples.map((tuple) => [
      formatSubject(tuple.subject),
      tuple.relation,
      formatObject(tuple.resource),
      tuple.createdAt,
    ]);
    printRows(context.terminal, ['subject', 'relation', 'resource', 'created_at'], rows, flag(words, 'json'));
  },
};

export const commands: readonly Command[] = [grants];
