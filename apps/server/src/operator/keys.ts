/** `credplex keys list|add|activate|retire`: the encryption keys that seal values (docs/operate/operations.md). */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { AuditEvent } from '@credplex/core';
import { addKey, listKeys, openStorage, retireKey, type Storage, usedKeys, writeAudit } from '@credplex/storage';
import { storageConfig } from '../open.ts';
import { writeWhole } from '../start/data-folder.ts';
import { type Command, CommandError, flag, option, word } from './command.ts';
import { printRows } from './table.ts';

const list: Command = {
  name: 'keys list',
  summary: 'Lists encryption keys: configured or not, active or not, and how many values each seals.',
  usage: '[--json]',
  positionals: [],
  options: { json: { type: 'boolean' } },
  help: ['--json  for programs'],
  examples: ['credplex keys list'],
  async run(context, words) {
    const { storage } = await context.open();
    const [known, used] = await Promise.all([listKeys(storage.sql), usedKeys(storage.sql)]);
    const here = new Set(storage.keyRing.knownKeyIds());
    const active = storage.keyRing.activeKeyId();
    const state = (id: string): string => (id === active ? 'active' : here.has(id) ? 'configured' : 'not configured');
    const rows = known.map((key) => [key.name, key.id, state(key.id), used.get(key.id) ?? 0, key.createdAt]);
    const names = new Set(known.map(({ id }) => id));
    const others = [...used].filter(([id]) => !names.has(id));
    const rest = others.map(([id, count]) => ['-', id, id.startsWith('openbao:') ? 'vault' : 'unknown', count, null]);
    const columns = ['name', 'id', 'state', 'values', 'created_at'];
    printRows(context.terminal, columns, [...rows, ...rest], flag(words, 'json'));
  },
};

const add: Command = {
  name: 'keys add',
  summary: 'Makes a key of the settings known to the database. It seals nothing until it is active.',
  usage: 'NAME [--create FILE]',
  positionals: ['NAME'],
  options: { create: { type: 'string' } },
  help: [
    '--create FILE  makes FILE (mode 0600) with a new random key and says what to write into the settings;',
    '               run the command again without it when the settings name the key',
  ],
  examples: [
    'credplex keys add second --create /etc/credplex/second.key',
    'credplex keys add second --config credplex.yml',
  ],
  async run(context, words) {
    const name = word(words, 0);
    const file = option(words, 'create');
    if (file !== undefined) {
      createKeyFile(resolve(file));
      context.terminal.err(
        `${resolve(file)} holds a new key; keep a copy of it. In the settings, beside the other keys:`,
      );
      context.terminal.out(`encryption:\n  keys:\n    - {name: ${name}, file: ${JSON.stringify(resolve(file))}}`);
      return;
    }
    const config = context.config();
    const wanted = storageConfig(config, 'operate');
    const source = wanted.encryption.keys.find((key) => key.name === name);
    if (source === undefined) {
      throw new CommandError(
        `the settings have no key ${name} under encryption.keys; write it there first (--create makes one)`,
      );
    }
    // The database does not know the key yet, so the ring is opened by the others.
    const others = wanted.encryption.keys.filter((key) => key !== source);
    const keys = others.some((key) => key.active) ? others : others.map((key, at) => ({ ...key, active: at === 0 }));
    const storage = await openStorage({ ...wanted, encryption: { ...wanted.encryption, keys } });
    try {
      const { id } = await addKey(storage.sql, source);
      await audit(storage, context.audit('keys.add', `key:${id}`, { name }));
      context.terminal.err(
        `Key ${name} is known (${id}). Restart the servers with it, then: credplex keys activate ${name}`,
      );
    } finally {
      await storage.close();
    }
  },
};

const activate: Command = {
  name: 'keys activate',
  summary:
    'Moves `active: true` to a key in the settings file. Restart the servers: they seal everything again under it.',
  usage: 'NAME --config FILE',
  positionals: ['NAME'],
  options: {},
  help: [],
  examples: ['credplex keys activate second --config credplex.yml'],
  async run(context, words) {
    const name = word(words, 0);
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
    await audit(storage, context.audit('keys.activate', `key:${known.id}`, { name }));
    writeWhole(resolve(path), document.toString(), statSync(path).mode & 0o777);
    context.terminal.err(
      `${path} now says that ${name} is active. Restart the servers; then watch: credplex keys list`,
    );
  },
};

const retire: Command = {
  name: 'keys retire',
  summary: 'Forgets a key that seals nothing any more. One in use, or active, is refused.',
  usage: 'NAME',
  positionals: ['NAME'],
  options: {},
  help: [],
  examples: ['credplex keys retire first'],
  async run(context, words) {
    const name = word(words, 0);
    const { storage } = await context.open();
    const known = (await listKeys(storage.sql)).find((key) => key.name === name);
    if (known !== undefined && known.id === storage.keyRing.activeKeyId()) {
      throw new CommandError(`key ${name} is the active one`);
    }
    await retireKey(storage.sql, name);
    await audit(storage, context.audit('keys.retire', `key:${known?.id}`, { name }));
    context.terminal.err(`Key ${name} is retired. Take it out of the settings before the next start.`);
  },
};

const audit = (storage: Storage, event: AuditEvent): Promise<void> =>
  storage.sql.transaction((tx) => writeAudit(tx, [event]));

function createKeyFile(file: string): void {
  if (existsSync(file)) throw new CommandError(`${file} exists; a key is never written over`);
  writeWhole(file, `${randomBytes(32).toString('base64')}\n`, 0o600);
}

export const commands: readonly Command[] = [list, add, activate, retire];
