/** `credplex revoke`: the reverse of `credplex grant`. */
import { revokeRelation } from '@credplex/core';
import { type Command, CommandError, word } from './command.ts';
import { RELATION_HELP, tupleOf } from './relation-words.ts';

const revoke: Command = {
  name: 'revoke',
  summary: 'Takes back a relation that a subject has to a cloud, a group or the platform.',
  usage: 'SUBJECT RELATION RESOURCE',
  positionals: ['SUBJECT', 'RELATION', 'RESOURCE'],
  options: {},
  help: RELATION_HELP,
  examples: ['credplex revoke ada cloud_admin cloud:0197f3c2-8f60-7cc5-9d9b-6f1f3b6a2d11'],
  async run(context, words) {
    const runtime = await context.open();
    // What is gone may have had relations: only the words are looked at.
    const text = { subject: word(words, 0), relation: word(words, 1), resource: word(words, 2) };
    const tuple = await tupleOf(runtime, text, { mustExist: false });
    const caller = { actor: 'operator', requestId: runtime.entropy.uuid() };
    const deps = { records: runtime.storage.plexsphere, clock: runtime.clock, entropy: runtime.entropy };
    if (!(await revokeRelation(deps, caller, tuple))) throw new CommandError('there is no such grant');
    context.terminal.err('Revoked; it counts at once.');
  },
};

export const commands: readonly Command[] = [revoke];
