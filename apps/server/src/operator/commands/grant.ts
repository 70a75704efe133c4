import { withChoices } from '@credplex/command-line';
import { grantRelation } from '@credplex/core';
import { string as argument } from '@oclif/core/args';
import { OperatorCommand } from '../command.ts';
import { parseTuple, RELATION_HELP, RELATIONS } from '../relation-arguments.ts';

export default class Grant extends OperatorCommand {
  static override readonly summary = 'Gives a subject a relation to a cloud, a group or the platform.';
  static override readonly description = RELATION_HELP;
  static override readonly examples = [
    'credplex grant ada cloud_admin cloud:0197f3c2-8f60-7cc5-9d9b-6f1f3b6a2d11',
    'credplex grant ada member group:provisioners',
    'credplex grant group:provisioners#member operator cloud:0197f3c2-8f60-7cc5-9d9b-6f1f3b6a2d11',
    'credplex grant ada admin platform',
  ];
  static override readonly args = {
    subject: argument({ required: true, ignoreStdin: true }),
    relation: withChoices(argument({ required: true, ignoreStdin: true }), RELATIONS),
    resource: argument({ required: true, ignoreStdin: true }),
  };

  override async run(): Promise<void> {
    const { context, args } = await this.open(Grant);
    const runtime = await context.open();
    const tuple = await parseTuple(runtime, {
      subject: args.subject,
      relation: args.relation,
      resource: args.resource,
    });
    const caller = { actor: 'operator', requestId: runtime.entropy.uuid() };
    const deps = { records: runtime.storage.plexsphere, clock: runtime.clock, entropy: runtime.entropy };
    const isNew = await grantRelation(deps, caller, tuple);
    context.terminal.err(isNew ? 'Granted; it counts at once.' : 'It was granted already.');
  }
}
