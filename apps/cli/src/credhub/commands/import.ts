import { boolean, string } from '@oclif/core/flags';
import { knownServer } from '../../lib/api/server-version.ts';
import { setCredential } from '../../lib/api/set-credential.ts';
import { type ImportEntry, parseImportJson, parseImportYaml } from '../../lib/documents/import-file.ts';
import { caNameOf } from '../../lib/documents/import-order.ts';
import { CommandFailure, LoginFailure } from '../../lib/failure.ts';
import { readBytes } from '../../lib/files/files.ts';
import { inOrder } from '../../lib/in-order.ts';
import { forgetImport, importRecord, rememberImport } from '../../lib/session/import-record.ts';
import { progressOn } from '../../lib/terminal/progress.ts';
import { type Context, CredhubCommand } from '../command.ts';

export default class ImportCommand extends CredhubCommand {
  static override readonly aliases = ['i'];
  static override readonly summary = 'Set the credentials of a file';
  static override readonly description =
    "Sets every credential in the list 'credentials' of a YAML or JSON file; each needs name, type and value. An entry that fails does not stop the others. After a failure, --resume sets only what is missing.";
  static override readonly examples = ['credhub import -f deploy.yml'];
  static override readonly flags = {
    file: string({ char: 'f', summary: 'File to read', required: true }),
    'import-json': boolean({ char: 'j', summary: 'The file is JSON' }),
    resume: boolean({ summary: 'Skip what the last run of the same file has set already' }),
  };

  override async run(): Promise<void> {
    await importCommand(await this.open(ImportCommand));
  }
}

type ImportContext = Context<typeof ImportCommand.flags>;

const MAX_CONCURRENT = 8;
/** Smaller files are sent sequentially, so that `find` lists the credentials in file order. */
const MIN_CONCURRENT_ENTRIES = 200;

async function importCommand(context: ImportContext): Promise<void> {
  const { flags, host, session } = context;
  const file = readBytes(host.cwd, flags.file ?? '');
  const entries = flags['import-json'] ? parseImportJson(file) : parseImportYaml(file);
  const record = importRecord(host, session.config.apiUrl, file);
  const before = flags.resume ? record.set : new Set<number>();
  const remaining = entries.filter(({ index }) => !before.has(index));
  const set = new Set(before);
  const failures: string[] = [];
  const progress = progressOn(host, 'Importing', remaining.length);
  try {
    for await (const outcome of inOrder(
      remaining,
      remaining.length < MIN_CONCURRENT_ENTRIES ? 1 : MAX_CONCURRENT,
      await createSender(context, remaining),
    )) {
      progress.step();
      if (!outcome.failed) {
        set.add(outcome.item.index);
        continue;
      }
      if (stopsAll(outcome.error)) throw outcome.error;
      const failure = describe(outcome.item, outcome.error);
      failures.push(failure);
      progress.clear();
      host.out(`${failure}\n\n`);
    }
  } catch (error) {
    progress.clear();
    rememberImport(record, set);
    host.err(
      `${set.size} of ${entries.length} credentials were set. Repeat the import with --resume to set the rest.\n`,
    );
    throw error;
  } finally {
    progress.end();
  }
  const list = failures.map((failure) => ` - ${failure}\n`).join('');
  host.out(`Import complete.\nSuccessfully set: ${set.size}\nFailed to set: ${failures.length}\n${list}`);
  if (failures.length === 0) return forgetImport(record);
  rememberImport(record, set);
  throw new CommandFailure('One or more credentials failed to import.');
}

function stopsAll(error: unknown): boolean {
  return error instanceof LoginFailure;
}

function describe({ name, index }: ImportEntry, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return `Credential '${name}' at index ${index} could not be set: ${message}`;
}

/** Sends one entry, after those that it needs: earlier ones of the same name, and the entry of its signer. */
async function createSender(
  context: ImportContext,
  entries: readonly ImportEntry[],
): Promise<(entry: ImportEntry) => Promise<void>> {
  const { api } = context;
  const sentByName = new Map<string, Promise<unknown>>();
  const server = entries.some(({ problem }) => problem === undefined) ? await knownServer(api) : undefined;
  const nameKey = (name: string): string => name.replace(/^\/?/, '/').toLowerCase();
  return (entry) => {
    const signer = caNameOf(entry);
    const needed = [
      sentByName.get(nameKey(entry.name)),
      signer === undefined ? undefined : sentByName.get(nameKey(signer)),
    ];
    const sent = Promise.allSettled(needed).then(async () => {
      if (entry.problem !== undefined) throw new CommandFailure(entry.problem);
      const { name, type, value, metadata } = entry;
      await setCredential(api, { name, type, value, metadata }, server);
    });
    sentByName.set(nameKey(entry.name), sent);
    return sent;
  };
}
