import { string as argument } from '@oclif/core/args';
import { boolean, string } from '@oclif/core/flags';
import { inspectRotation, type Rotation, type Stage, takeStep } from '../../lib/api/ca-rotation.ts';
import { CommandFailure } from '../../lib/failure.ts';
import { record } from '../../lib/format/json-tree.ts';
import { printValue } from '../../lib/terminal/print.ts';
import { type Context, CredhubCommand } from '../command.ts';
import { outputJson } from '../common-flags.ts';
import { credentialName } from '../flag-types.ts';
import { integer } from '../go-flags.ts';

export default class RotateCa extends CredhubCommand {
  static override readonly summary = 'Rotate a CA and what it signed, step by step';
  static override readonly description =
    'Replaces a CA without a moment in which a chain does not verify: (1) a new, transitional version of the CA beside the old one; (2) the new version signs from now on; (3) the certificates are regenerated; (4) the old version goes. Each step says what to deploy before the next. Without --step it shows what comes next.';
  static override readonly examples = [
    'credhub rotate-ca /deploy/ca --status',
    'credhub rotate-ca /deploy/ca --step --only 1',
  ];
  static override readonly flags = {
    name: credentialName(string({ char: 'n', summary: 'Name of the CA, instead of the argument' })),
    step: boolean({ summary: 'Take the next step' }),
    only: integer({ summary: 'With --step: the step to take, 1 to 4; nothing changes when it is done already' }),
    status: boolean({ summary: 'Show how far the rotation is, and change nothing' }),
    'output-json': outputJson,
  };
  static override readonly args = { name: credentialName(argument({ description: 'Name of the CA' })) };

  override async run(): Promise<void> {
    await rotateCa(await this.open(RotateCa));
  }
}

type RotateContext = Context<typeof RotateCa.flags, typeof RotateCa.args>;

const STAGE_TEXTS: Readonly<Record<Stage, string>> = {
  idle: 'No rotation is under way: the CA has one version.',
  introduced: 'Step 1 of 4 is done: the new version is there, the old one still signs.',
  switched: 'Step 2 of 4 is done: the new version signs, the old one is still trusted.',
  regenerated: 'Step 3 of 4 is done: everything below the CA verifies by the new version.',
};

const NEXT_STEP_TEXTS: Readonly<Record<Stage, string>> = {
  idle: 'Step 1 makes a new, transitional version of the CA. Nothing needs to be deployed before it.',
  introduced:
    'Deploy first: everything that trusts this CA must have both versions. Then step 2 lets the new version sign.',
  switched: 'Step 3 regenerates what the CA signed. Nothing needs to be deployed before it.',
  regenerated:
    'Deploy first: everything that uses a certificate of this CA must have its new one. Then step 4 removes the trust in the old version; deploy once more after it.',
};

/** The step that follows a stage. */
const NEXT_STEPS: Readonly<Record<Stage, bigint>> = { idle: 1n, introduced: 2n, switched: 3n, regenerated: 4n };

/**
 * Reads the stage from the server and performs at most one step. A script that may repeat a call names the step with
 * `--only`, so that the repetition cannot perform the next step.
 */
async function rotateCa(context: RotateContext): Promise<void> {
  const { flags, args, api, host } = context;
  const name = args.name || flags.name;
  if (!name) throw new CommandFailure('The name of a CA must be provided. Please update and retry your request.');
  if (flags.step && flags.status) throw new CommandFailure('The --step flag and --status flag are incompatible.');
  if (flags.only !== undefined && !(flags.step && flags.only >= 1n && flags.only <= 4n)) {
    throw new CommandFailure('The --only flag takes a step, 1 to 4, and belongs to --step.');
  }
  const before = await inspectRotation(api, name);
  if (!flags.step || isDone(before.stage, flags.only)) {
    show(context, before);
    return;
  }
  await takeStep(api, before);
  const after = await inspectRotation(api, name);
  if (before.stage !== 'regenerated' || flags['output-json']) show(context, after);
  else
    host.out(
      'Step 4 of 4 is done: the old version is no longer trusted. Deploy once more; the rotation is complete.\n',
    );
}

/** Returns whether the requested step is done. Without a rotation in progress, only step 4 can be. */
function isDone(stage: Stage, requestedStep: bigint | undefined): boolean {
  if (requestedStep === undefined || requestedStep === NEXT_STEPS[stage]) return false;
  if (requestedStep < NEXT_STEPS[stage] || (stage === 'idle' && requestedStep === 4n)) return true;
  throw new CommandFailure(`Step ${NEXT_STEPS[stage]} comes before step ${requestedStep}.`);
}

function show({ flags, host }: RotateContext, rotation: Rotation): void {
  if (flags['output-json']) {
    printValue(host, summary(rotation), true);
    return;
  }
  const outstanding = rotation.outstanding.map((name) => `  ${name}\n`).join('');
  const list = outstanding === '' ? '' : `Certificates that still need it:\n${outstanding}`;
  host.out(
    `${STAGE_TEXTS[rotation.stage]}\n${NEXT_STEP_TEXTS[rotation.stage]}\n${list}Next command:\n  ${nextCommand(rotation)}\n`,
  );
}

/** The step is named, so that the command may be pasted twice. */
function nextCommand({ ca, stage }: Rotation): string {
  return `credhub rotate-ca -n ${shellWord(ca.name)} --step --only ${NEXT_STEPS[stage]}`;
}

/** Quotes what a POSIX shell would not take as it stands. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function summary({ ca, stage, outstanding }: Rotation): ReturnType<typeof record> {
  return record({
    name: ca.name,
    stage,
    outstanding,
    versions: ca.versions.map(({ id, expiryDate, transitional }) =>
      record({ id, expiry_date: expiryDate ?? null, transitional }),
    ),
  });
}
