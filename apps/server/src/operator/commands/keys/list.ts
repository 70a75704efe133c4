import { listKeys, usedKeys } from '@credplex/storage';
import { vaultOwning } from '@credplex/storage/vaults';
import { boolean } from '@oclif/core/flags';
import { OperatorCommand } from '../../command.ts';
import { printRows } from '../../table.ts';

export default class KeysList extends OperatorCommand {
  static override readonly summary =
    'Lists encryption keys with their state (configured, active) and the number of values that each seals.';
  static override readonly examples = ['credplex keys list'];
  static override readonly flags = {
    json: boolean({ summary: 'Print JSON, for programs.' }),
  };

  override async run(): Promise<void> {
    const { context, flags } = await this.open(KeysList);
    const { storage } = await context.open();
    const [known, used] = await Promise.all([listKeys(storage.sql), usedKeys(storage.sql)]);
    const here = new Set(storage.keyRing.knownKeyIds());
    const active = storage.keyRing.activeKeyId();
    const state = (id: string): string => (id === active ? 'active' : here.has(id) ? 'configured' : 'not configured');
    const rows = known.map((key) => [key.name, key.id, state(key.id), used.get(key.id) ?? 0, key.createdAt]);
    const names = new Set(known.map(({ id }) => id));
    const others = [...used].filter(([id]) => !names.has(id));
    const rest = others.map(([id, count]) => ['-', id, vaultOwning(id) ? 'vault' : 'unknown', count, null]);
    const columns = ['name', 'id', 'state', 'values', 'created_at'];
    printRows(context.terminal, columns, [...rows, ...rest], flags.json);
  }
}
