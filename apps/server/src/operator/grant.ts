/**
 * `credplex grant`: relations for which v1 has no route, on clouds, groups and the platform
 * (docs/reference/plexsphere-v1.md#relations).
 */
import { grantRelation } from '@credplex/core';
import { type Command, word } from './command.ts';
import { RELATION_HELP, tupleOf } from './relation-words.ts';

const grant: Command = {
  name: 'grant',
  summary: 'Gives a subject a relation to a cloud, a group or the platform.',
  usage: 'SUBJECT RELATION RESOURCE',
  positionals: ['SUBJECT', 'RELATION', 'RESOURCE'],
  options: {},
  help: RELATION_HELP,
  examples: [
    'credplex grant ada cloud_admin cloud:0197f3c2-8f60-7cc5-9d9b-6f1f3b6a2d11',
    'credplex grant ada member group:provisioners',
    'credplex grant group:provisioners#member operator cloud:0197f3c2-8f60-7cc5-9d9b-6f1f3b6a2d11',
    'credplex grant ada admin platform',
  ],
  async run(context, words) {
    const runtime = await context.open();
    const tuple = await tupleOf(runtime, {
      subject: word(words, 0),
      relation: word(words, 1),
      resource: word(words, 2),
    });
    const caller = { actor: 'operator', requestId: runtime.entropy.uuid() };
    const deps = { records: runtime.storage.plexsphere, clock: runtime.clock, entropy: runtime.entropy };
    const isNew = await grantRelation(deps, caller, tuple);
    context.terminal.err(isNew ? 'Granted; it counts at once.' : 'It was granted already.');
  },
};

export const commands: readonly Command[] = [grant];
