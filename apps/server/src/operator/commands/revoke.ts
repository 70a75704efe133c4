import { withChoices } from '@credplex/command-line';
import { revokeRelation } from '@credplex/core';
import { string as argument } from '@oclif/core/args';
import { OperatorCommand } from '../command.ts';
import { CommandError } from '../errors.ts';
import { parseTuple, RELATION_HELP, RELATIONS } from '../relation-arguments.ts';

export default class Revoke extends OperatorCommand {
  static override readonly summary = 'Removes a relation of a subject to a cloud, a group or the platform.';
  static override readonly description = RELATION_HELP;
  static override readonly examples = ['credplex revoke ada cloud_admin cloud:0197f3c2-8f60-7cc5-9d9b-6f1f3b6a2d11'];
  static override readonly args = {
    subject: argument({ required: true, ignoreStdin: true }),
    relation: withChoices(argument({ required: true, ignoreStdin: true }), RELATIONS),
    resource: argument({ required: true, ignoreStdin: true }),
  };

  override async run(): Promise<void> {
    const { context, args } = await this.open(Revoke);
    const runtime = await context.open();
    // Deleted subjects and resources may still have relations, so only the syntax is checked.
    const text = { subject: args.subject, relation: args.relation, resource: args.resource };
    const tuple = await parseTuple(runtime, text, { mustExist: false });
    const caller = { actor: 'operator', requestId: runtime.entropy.uuid() };
    const deps = { records: runtime.storage.plexsphere, clock: runtime.clock, entropy: runtime.entropy };
    if (!(await revokeRelation(deps, caller, tuple))) throw new CommandError('there is no such grant');
    context.terminal.err('Revoked; it counts at once.');
  }
}
