import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { addKey, openStorage } from '@credplex/storage';
import { string as argument } from '@oclif/core/args';
import { string } from '@oclif/core/flags';
import { storageConfig } from '../../../open.ts';
import { writeWhole } from '../../../start/data-folder.ts';
import { OperatorCommand } from '../../command.ts';
import { CommandError } from '../../errors.ts';
import { recordEvent } from '../../record-event.ts';

export default class KeysAdd extends OperatorCommand {
  static override readonly summary =
    'Registers a key of the settings in the database. It seals nothing until it is active.';
  static override readonly examples = [
    'credplex keys add second --create /etc/credplex/second.key',
    'credplex keys add second --config credplex.yml',
  ];
  static override readonly flags = {
    create: string({
      helpValue: 'FILE',
      summary:
        'Create FILE (mode 0600) with a new random key and print the lines for the settings; then run the command without it.',
    }),
  };
  static override readonly args = {
    name: argument({ required: true, ignoreStdin: true }),
  };

  override async run(): Promise<void> {
    const { context, args, flags } = await this.open(KeysAdd);
    const name = args.name;
    const file = flags.create;
    if (file !== undefined) {
      createKeyFile(resolve(file));
      context.terminal.err(
        `${resolve(file)} contains a new key; keep a copy of it. Add it to the settings beside the other keys:`,
      );
      context.terminal.out(`encryption:\n  keys:\n    - {name: ${name}, file: ${JSON.stringify(resolve(file))}}`);
      return;
    }
    const config = context.config();
    const configured = storageConfig(config, 'operate');
    const source = configured.encryption.keys.find((key) => key.name === name);
    if (source === undefined) {
      throw new CommandError(
        `the settings have no key ${name} under encryption.keys; add it there first (--create generates one)`,
      );
    }
    // The database does not know the key yet, so the key ring is opened with the others.
    const others = configured.encryption.keys.filter((key) => key !== source);
    const keys = others.some((key) => key.active) ? others : others.map((key, at) => ({ ...key, active: at === 0 }));
    const storage = await openStorage({ ...configured, encryption: { ...configured.encryption, keys } });
    try {
      const { id } = await addKey(storage.sql, source);
      await recordEvent(storage, context.audit('keys.add', `key:${id}`, { name }));
      context.terminal.err(
        `Key ${name} is registered (${id}). Restart the servers with it, then run: credplex keys activate ${name}`,
      );
    } finally {
      await storage.close();
    }
  }
}

function createKeyFile(file: string): void {
  if (existsSync(file)) throw new CommandError(`${file} exists; a key is never overwritten`);
  writeWhole(file, `${randomBytes(32).toString('base64')}\n`, 0o600);
}
