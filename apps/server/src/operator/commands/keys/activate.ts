import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { listKeys } from '@credplex/storage';
import { string as argument } from '@oclif/core/args';
import { writeWhole } from '../../../start/data-folder.ts';
import { OperatorCommand } from '../../command.ts';
import { CommandError } from '../../errors.ts';
import { recordEvent } from '../../record-event.ts';

export default class KeysActivate extends OperatorCommand {
  static override readonly summary =
    'Moves `active: true` to a key in the settings file. After a restart the servers reseal all values under it.';
  static override readonly examples = ['credplex keys activate second --config credplex.yml'];
  static override readonly args = {
    name: argument({ required: true, ignoreStdin: true }),
  };

  override async run(): Promise<void> {
    const { context, args } = await this.open(KeysActivate);
    const name = args.name;
    const { storage } = await context.open();
    const known = (await listKeys(storage.sql)).find((key) => key.name === name);
    if (known === undefined || !storage.keyRing.knownKeyIds().includes(known.id)) {
      throw new CommandError(
        `key ${name} is not both in the settings and known to the database: credplex keys add ${name}`,
      );
    }
    const path = context.configFile;
    if (path === undefined) throw new CommandError('the keys do not come from a settings file: give --config FILE');
    const { parseDocument } = await import('yaml');
    const document = parseDocument(readFileSync(path, 'utf8'));
    const keys: unknown = document.toJS()?.encryption?.keys;
    const at = Array.isArray(keys) ? keys.findIndex((key) => key?.name === name) : -1;
    if (!Array.isArray(keys) || at < 0) throw new CommandError(`${path} has no key ${name} under encryption.keys`);
    for (const index of keys.keys()) document.setIn(['encryption', 'keys', index, 'active'], index === at);
    await recordEvent(storage, context.audit('keys.activate', `key:${known.id}`, { name }));
    writeWhole(resolve(path), document.toString(), statSync(path).mode & 0o777);
    context.terminal.err(
      `${path} now says that ${name} is active. Restart the servers; then watch: credplex keys list`,
    );
  }
}
