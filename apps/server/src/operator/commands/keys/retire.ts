import { listKeys, retireKey } from '@credplex/storage';
import { string as argument } from '@oclif/core/args';
import { OperatorCommand } from '../../command.ts';
import { CommandError } from '../../errors.ts';
import { recordEvent } from '../../record-event.ts';

export default class KeysRetire extends OperatorCommand {
  static override readonly summary =
    'Retires a key that seals no values any more. Refuses the active key and keys in use.';
  static override readonly examples = ['credplex keys retire first'];
  static override readonly args = {
    name: argument({ required: true, ignoreStdin: true }),
  };

  override async run(): Promise<void> {
    const { context, args } = await this.open(KeysRetire);
    const name = args.name;
    const { storage } = await context.open();
    const known = (await listKeys(storage.sql)).find((key) => key.name === name);
    if (known !== undefined && known.id === storage.keyRing.activeKeyId()) {
      throw new CommandError(`key ${name} is the active one`);
    }
    await retireKey(storage.sql, name);
    await recordEvent(storage, context.audit('keys.retire', `key:${known?.id}`, { name }));
    context.terminal.err(`Key ${name} is retired. Remove it from the settings before the next start.`);
  }
}
