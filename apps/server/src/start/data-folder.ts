/**
 * The data folder: generated TLS files, the generated encryption key, the first operator's secrets and the embedded
 * PostgreSQL. A file `format` says which release lines can read it.
 */
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { reasonOf, StartError } from './start-error.ts';

/** Raised when an older release could no longer use the folder. The database has its own numbers (migrations). */
const FORMAT = 1;

/** Absolute path of the folder, made when missing. @throws StartError for one that cannot be used, or is of a newer version */
export function openDataFolder(path: string): string {
  const folder = resolve(path);
  // As root, PostgreSQL may run as another account, which has to pass through; the files inside are closed to it.
  const mode = process.getuid?.() === 0 ? 0o711 : 0o700;
  try {
    makeFolders(folder, mode);
  } catch (error) {
    throw new StartError(`the data folder ${folder} cannot be made: ${reasonOf(error)}`);
  }
  closeNewFolder(folder, mode);
  const found = readFormat(folder);
  if (found !== undefined && found > FORMAT) {
    throw new StartError(
      `the data folder ${folder} is of a newer version of Credplex (format ${found}, this one knows ${FORMAT}): start that version, or set another data_dir`,
    );
  }
  try {
    if (found === undefined) writeWhole(join(folder, 'format'), `${FORMAT}\n`, 0o644);
    const probe = join(folder, `.writable-${process.pid}`);
    closeSync(openSync(probe, 'w', 0o600));
    rmSync(probe);
  } catch (error) {
    throw new StartError(`the data folder ${folder} cannot be written: ${reasonOf(error)}`);
  }
  return folder;
}

/**
 * Takes a folder that was made for us, such as an empty volume, out of the reach of others, as PostgreSQL's initdb does.
 * Where it is not ours to change, the check of its mode says so (file-access.ts).
 */
function closeNewFolder(folder: string, allowed: number): void {
  try {
    const isNew = readdirSync(folder).every((name) => name === 'lost+found');
    const mode = statSync(folder).mode & 0o777;
    if (isNew && (mode & ~allowed) !== 0) chmodSync(folder, mode & allowed);
  } catch {
    // Reported where the folder is used.
  }
}

/** As `mkdir -p`. That of Node never ends below a folder that takes none, such as `/proc`. */
function makeFolders(folder: string, mode: number): void {
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
    const parent = dirname(folder);
    const lacksParent = error instanceof Error && 'code' in error && error.code === 'ENOENT' && !existsSync(parent);
    if (!lacksParent) throw error;
    makeFolders(parent, mode);
    makeFolders(folder, mode);
  }
}

function readFormat(folder: string): number | undefined {
  const file = join(folder, 'format');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new StartError(`the data folder ${folder} cannot be read: ${reasonOf(error)}`);
  }
  if (!/^\d{1,6}\n?$/.test(text)) throw new StartError(`${file} does not hold a format number`);
  return Number(text);
}

/** Text of a file, undefined when there is none. @throws StartError */
export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new StartError(`${file} cannot be read: ${reasonOf(error)}`);
  }
}

/** The file is there whole or not at all, also after a crash, and from its first byte with its mode. @throws StartError */
export function writeWhole(file: string, text: string, mode: number): void {
  const draft = `${file}.${process.pid}.draft`;
  try {
    rmSync(draft, { force: true });
    const handle = openSync(draft, 'wx', mode);
    try {
      writeSync(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(draft, file);
    const folder = openSync(join(file, '..'), 'r');
    fsyncSync(folder);
    closeSync(folder);
  } catch (error) {
    throw new StartError(`${file} cannot be written: ${reasonOf(error)}`, { cause: error });
  }
}
