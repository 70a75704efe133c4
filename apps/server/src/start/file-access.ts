/**
 * Who else can reach the files that secrets lie in. Inside the data folder nobody but the server's account may: it made
 * those files so. Files elsewhere belong to the operator, whose secret mounts (0440, 0644) are readable by design; but
 * whoever can write a key file replaces the key.
 */
import { realpathSync, statSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import type { Config } from '../config.ts';
import { shellWord } from './shell-word.ts';
import { StartError } from './start-error.ts';

export interface AccessFault {
  /** `refused`: the server does not start. */
  readonly verdict: 'refused' | 'warning';
  readonly file: string;
  /** What is wrong, and the command that mends it. */
  readonly text: string;
}

interface SecretFile {
  /** Whose file it is: the name of the setting or variable, `undefined` for one that the server makes itself. */
  readonly setting: string | undefined;
  readonly path: string;
}

const GROUP_AND_OTHERS = 0o077;
const WRITE = 0o022;
/** Search without read: what root's data folder needs where PostgreSQL runs under another account. */
const SEARCH = 0o011;

/**
 * Permission bits of a file or folder; `undefined` for a pipe or device, and for what is not there or cannot be seen, which
 * whoever reads it reports.
 */
function modeOf(path: string): number | undefined {
  try {
    const found = statSync(path);
    return found.isFile() || found.isDirectory() ? found.mode & 0o777 : undefined;
  } catch {
    return undefined;
  }
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

/** Where a path leads, symbolic links followed. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function folderFault(folder: string, allowed: number): AccessFault | undefined {
  const mode = modeOf(folder);
  if (mode === undefined || (mode & GROUP_AND_OTHERS & ~allowed) === 0) return undefined;
  const text = `the data folder ${folder} can be accessed by others (mode ${octal(mode)}): chmod 700 ${shellWord(folder)}`;
  return { verdict: 'refused', file: folder, text };
}

function insideFault(path: string, mode: number, verdict: AccessFault['verdict']): AccessFault | undefined {
  if ((mode & GROUP_AND_OTHERS) === 0) return undefined;
  const text = `${path} can be accessed by others (mode ${octal(mode)}): chmod 600 ${shellWord(path)}`;
  return { verdict, file: path, text };
}

function outsideFault({ setting, path }: SecretFile, mode: number, strict: boolean): AccessFault | undefined {
  const name = setting === undefined ? path : `${setting}: ${path}`;
  if ((mode & WRITE) !== 0) {
    const text = `${name} can be changed by others (mode ${octal(mode)}): chmod go-w ${shellWord(path)}`;
    return { verdict: 'refused', file: path, text };
  }
  if ((mode & GROUP_AND_OTHERS) === 0) return undefined;
  const text = `${name} can be read by others (mode ${octal(mode)}): chmod 600 ${shellWord(path)}`;
  return { verdict: strict ? 'refused' : 'warning', file: path, text };
}

/** Files of the settings that hold a key, a password or a token. */
function configuredFiles({ encryption, tls, secret_files }: AccessConfig): SecretFile[] {
  const keys = encryption.keys.flatMap(({ file }, index) =>
    file === undefined ? [] : [{ setting: `encryption.keys.${index}.file`, path: file }],
  );
  const tlsKey = tls.private_key === undefined ? [] : [{ setting: 'tls.private_key', path: tls.private_key }];
  return [...keys, ...tlsKey, ...secret_files].map(({ setting, path }) => ({ setting, path: resolve(path) }));
}

type AccessConfig = Pick<Config, 'encryption' | 'tls' | 'secret_files' | 'files'>;

/** Returns what is wrong with the modes of the data folder and of all files with secrets that are there already. */
export function accessFaults(config: AccessConfig, dataFolder: string, uid = process.getuid?.()): AccessFault[] {
  const root = realPath(dataFolder);
  const isInside = (path: string): boolean => realPath(path).startsWith(root + sep);
  const own = ['encryption.key', join('tls', 'ca.key'), join('tls', 'server.key'), 'operator.pending.json'];
  const made = own.map((name): SecretFile => ({ setting: undefined, path: join(dataFolder, name) }));
  const operatorFile = join(dataFolder, 'operator.json');
  const faults = [
    folderFault(dataFolder, uid === 0 ? SEARCH : 0),
    ...['tls', 'postgres'].map((name) => folderFault(join(dataFolder, name), 0)),
    // The server never reads it again, and the operator may have moved it, or a copy of it, into other hands.
    insideFault(operatorFile, modeOf(operatorFile) ?? 0, 'warning'),
  ];
  for (const file of [...made, ...configuredFiles(config)]) {
    const mode = modeOf(file.path);
    if (mode === undefined) continue;
    faults.push(
      isInside(file.path) ? insideFault(file.path, mode, 'refused') : outsideFault(file, mode, config.files.strict),
    );
  }
  const found = faults.filter((fault) => fault !== undefined);
  return found.filter(({ file }, index) => found.findIndex((other) => other.file === file) === index);
}

/** Returns the warnings. @throws StartError for what refuses a start */
export function checkAccess(config: Config, folder: string): AccessFault[] {
  const faults = accessFaults(config, folder);
  const refused = faults.filter(({ verdict }) => verdict === 'refused');
  if (refused.length > 0) throw new StartError(refused.map(({ text }) => text).join('; '));
  return faults;
}
